"""A column map as people read it."""

from typing import Any

from .column_map import ColumnMap


def document(stated: ColumnMap) -> dict[str, Any]:
    """All that a map says, with its name."""
    return {"name": stated.name, **_plain(stated.document)}


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return value if isinstance(value, str | int | float | bool) else str(value)


def shown_map(stated: ColumnMap) -> list[str]:
    """The lines of a map for a terminal.

    Parameters
    ----------
    stated
        The map.

    Returns
    -------
    list of str
    """
    form = stated.form
    separator = {"\t": "tab", ",": "comma", "|": "vertical bar"}.get(form.separator, f"'{form.separator}'")
    header = {
        "each": "each file begins with names",
        "first": "the first file begins with names",
        "none": "no names, columns by position",
    }[form.header]
    lines = [
        f"{stated.name}: {stated.title}",
        *([str(stated.document["about"])] if "about" in stated.document else []),
    ]
    lines += [
        f"source: {source['title']} ({source['where']}; {source['confidence']})"
        for source in stated.document.get("source", ())
    ]
    lines += [
        f"file: {form.encoding}, separated by {separator}, {header}; or Parquet",
        f"columns: {len(stated.columns)}, of which {len(stated.absent)} may be left out",
        f"may not be blank: {', '.join(stated.required) or '-'}",
    ]
    lines += [f"{role}: {', then '.join(columns)}" for role, columns in stated.charge.items()]
    lines += [f"amended {role}: {', then '.join(columns)}" for role, columns in stated.amended.items()]
    lines += [f"county: {how}: {what}" for how, what in stated.county.items()]
    dates = stated.document.get("dates")
    if dates:
        lines.append(f"dates: {', '.join(dates['formats'])}")
    if not stated.has_race:
        lines.append("race: the format has none")
    statutes = stated.document.get("state", "the map's own patterns")
    lines.append(f"statutes: {statutes}, {len(stated.statutes.patterns)} patterns")
    for kind, meanings in stated.document["values"].items():
        lines += [f"{kind} {meaning}: {', '.join(texts)}" for meaning, texts in meanings.items()]
    return lines
