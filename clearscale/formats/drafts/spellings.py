"""Whose statutes a file has, by how they are spelled; and which column they stand in where no name says so."""

import re
from collections.abc import Mapping, Sequence

from clearscale.formats.catalog import load_map
from clearscale.formats.spelling import spelled
from clearscale.law import state, state_names
from clearscale.law.statutes import Statutes

from .guess import Guess

_ENOUGH = 0.8
_AS_MUCH = 0.02
_TRIED = 500
_CODED = re.compile(r"[A-Z0-9 ]*\d[A-Z0-9 ./()\\:-]*", re.IGNORECASE)


def guess_statutes(found: Guess) -> None:
    """Find the state whose patterns know the statutes' texts, and the column where no name says which."""
    if "statute" in found.roles:
        texts = _texts(
            found, {role: found.roles[role][0] for role in ("code", "statute", "subsection") if role in found.roles}
        )
        _found(found, texts)
        return
    # A code or a subsection without a statute is none.
    for role in ("code", "subsection"):
        found.roles.pop(role, None)
    shares: dict[tuple[str, str], float] = {}
    used = {column for columns in found.roles.values() for column in columns} | {*found.amended.values()}
    for column, texts in found.texts.items():
        tried = [text for text in texts[:_TRIED] if _CODED.match(text)]
        if column not in found.forms and column not in used and len(tried) > len(texts[:_TRIED]) / 2:
            shares |= {(name, column): _share(state(name).statutes, tried) for name in state_names()}
    if shares and (most := max(shares.values())) >= _ENOUGH:
        # What a charge was amended to is blank for most.
        alike = [column for (_, column), share in shares.items() if share >= most - _AS_MUCH]
        column = max(alike, key=lambda column: len(found.texts[column]))
        found.roles["statute"] = [column]
        others = f"; {', '.join(dict.fromkeys(alike))} look like it" if len({*alike}) > 1 else ""
        found.doubts.append(f"statute: {column} by its texts, not by its name{others}")
        _found(found, found.texts[column][:_TRIED])


def _texts(found: Guess, columns: Mapping[str, str]) -> list[str]:
    rows = zip(
        *(
            found.cells[columns[role]] if role in columns else [""] * len(found.cells[columns["statute"]])
            for role in ("code", "statute", "subsection")
        ),
        strict=True,
    )
    return [text for row in rows if (text := spelled(*row))][:_TRIED]


def _found(found: Guess, texts: Sequence[str]) -> None:
    """Note whose statutes these are."""
    shares = {name: _share(state(name).statutes, texts) for name in state_names()}
    most = max(shares.values(), default=0.0)
    near = [name for name, share in shares.items() if share >= max(_ENOUGH, most - _AS_MUCH)]
    if len(near) == 1:
        found.state = near[0]
        found.doubts.append(f'statutes: {most:.0%} are spelled as those of {_shown(near[0])}: state = "{near[0]}"')
        return
    if near:
        others = " or ".join(f'state = "{name}"' for name in near)
        found.doubts.append(
            f"statutes: spelled as those of {', '.join(map(_shown, near))}; if they are of one: {others} in place "
            "of [[statutes...]]"
        )
    generic = load_map("generic-charges").statutes
    known = _share(generic, texts)
    found.doubts.append(
        f"statutes: the patterns below, CODE SECTION(SUBSECTION), know {known:.0%} of {len(texts)} texts "
        f"({len(set(texts))} different)"
    )


def _shown(name: str) -> str:
    return str(state(name).title)


def _share(statutes: Statutes, texts: Sequence[str]) -> float:
    return sum(statutes.normalize(text).is_known for text in texts) / len(texts) if texts else 0.0
