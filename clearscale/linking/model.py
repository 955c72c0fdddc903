"""How much agreements and differences weigh: the numbers of `model.toml`, as splink takes them."""

import hashlib
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from .identities import Identity

_NUMBER = "number"
"""What several columns are, numbered from 1."""

UNSAID = "unsaid"
"""Level of a value that one of both does not say; without such a level that counts for nothing."""

_NEARLY = "damerau_levenshtein({0}_l, {0}_r) <= 1 and least(length({0}_l), length({0}_r)) > 2"
_LIKE = f"({_NEARLY}) or (jaro_winkler_similarity({{0}}_l, {{0}}_r) >= 0.93 and length({{0}}_l) > 5)"
_WITHIN = "(starts_with(first_name_l, first_name_r) or starts_with(first_name_r, first_name_l))"
_EXCHANGED = "last_name_l = first_name_r and last_name_r = first_name_l"
_CONDITIONS = {
    "last_name.exchanged": _EXCHANGED,
    "last_name.part": "list_has_all(last_words_l, last_words_r) or list_has_all(last_words_r, last_words_l)",
    "last_name.alike": _LIKE,
    "first_name.exchanged": _EXCHANGED,
    "first_name.alike": _LIKE,
    "first_name.short": f"{_WITHIN} and least(length(first_name_l), length(first_name_r)) > 2",
    "first_name.initial": _WITHIN,
    "first_name.middle": "first_name_l = middle_name_r or first_name_r = middle_name_l",
    "middle_name.initial": "left(middle_name_l, 1) = left(middle_name_r, 1) "
    "and least(length(middle_name_l), length(middle_name_r)) = 1",
    "birth_date.exchanged": "birth_date_l = birth_exchanged_r",
    "birth_date.alike": "damerau_levenshtein(birth_date_l, birth_date_r) <= 1",
    "number.alike": _NEARLY,
}
"""What a level is as DuckDB asks it; `same` is equality, and `other` is what is left."""

_BLOCKS = (
    "l.birth_date = r.birth_date and left(l.first_name, 1) = left(r.first_name, 1)",
    "l.birth_date = r.birth_date and left(l.last_name, 1) = left(r.last_name, 1)",
    "l.birth_date = r.birth_date and l.last_name = r.first_name",
    "l.last_name = r.last_name and l.first_name = r.first_name",
)
"""Only pairs of which one of these holds are compared, or which have a number in common."""


@dataclass(frozen=True)
class Level:
    """How two values may agree: its name, and how often those of one person and of others are so."""

    name: str
    same: float
    others: float
    usual: bool


@dataclass(frozen=True)
class Model:
    """All that `model.toml` states.

    Parameters
    ----------
    pretended, expected
        As the file says.
    sure, doubtful
        From which probability two records are of one person, and from which somebody should look at them.
    levels
        By what is compared, in the order in which they are asked.
    digest
        Of the file.
    """

    pretended: int
    expected: float
    sure: float
    doubtful: float
    levels: Mapping[str, tuple[Level, ...]]
    digest: str

    def prior(self, identities: int) -> float:
        """How probable it is that two of so many identities are one person's, of whom nothing is known."""
        return self.expected / max(identities, self.pretended)

    def compared(self, numbers: int) -> list[str]:
        """Columns that are compared in files with so many columns of numbers."""
        several = [f"{_NUMBER}_{place}" for place in range(1, numbers + 1)]
        return [*(kind for kind in self.levels if kind != _NUMBER), *several]

    def settings(self, identities: int, columns: Sequence[str]) -> dict[str, Any]:
        """What splink is told. columns: those of `compared`."""
        blocks = [*_BLOCKS, *(f"l.{column} = r.{column}" for column in columns if kind_of(column) == _NUMBER)]
        return {
            "link_type": "dedupe_only",
            "unique_id_column_name": "id",
            "probability_two_random_records_match": self.prior(identities),
            "retain_matching_columns": True,  # else it does not say how they agreed
            "blocking_rules_to_generate_predictions": [{"blocking_rule": rule} for rule in blocks],
            "comparisons": [
                {
                    "output_column_name": column,
                    "comparison_levels": [*_levels(column, kind_of(column), self.levels[kind_of(column)])],
                }
                for column in columns
            ],
        }


def kind_of(column: str) -> str:
    """What is compared in a column, by its name in `Model.levels`."""
    return _NUMBER if column.startswith(f"{_NUMBER}_") else column


def _levels(column: str, kind: str, levels: Sequence[Level]) -> Iterator[dict[str, Any]]:
    unsaid = f"{column}_l is null or {column}_r is null"
    if all(level.name != UNSAID for level in levels):
        yield {"sql_condition": unsaid, "label_for_charts": UNSAID, "is_null_level": True}
    for level in levels:
        asked = {"same": f"{column}_l = {column}_r", UNSAID: unsaid, "other": "ELSE"}.get(level.name)
        stated: dict[str, Any] = {
            "sql_condition": asked or _CONDITIONS[f"{kind}.{level.name}"].format(column),
            "label_for_charts": level.name,
            "m_probability": level.same,
            "u_probability": level.others,
        }
        if level.usual:
            stated |= {"tf_adjustment_column": column, "tf_adjustment_weight": 1.0}
        yield stated


@cache
def model() -> Model:
    """The model that comes with the package."""
    content = resources.files(__package__).joinpath("model.toml").read_bytes()
    stated = tomllib.loads(content.decode("utf-8"))
    levels = {
        kind: tuple(
            Level(name, level["same"], level["others"], level.get("usual", False)) for name, level in table.items()
        )
        for kind, table in stated.items()
        if isinstance(table, dict)
    }
    return Model(
        stated["pretended"],
        stated["expected"],
        stated["sure"],
        stated["doubtful"],
        levels,
        hashlib.sha256(content).hexdigest(),
    )


def value_of(identity: Identity, column: str) -> str:
    """What an identity has in a column that is compared; empty if it says nothing."""
    values = {
        # Blanks in a last name come and go: DE LA CRUZ, DELACRUZ.
        "last_name": identity.last.replace(" ", ""),
        "first_name": identity.first,
        "middle_name": identity.middle,
        "suffix": identity.suffix,
        "birth_date": identity.born,
        "sex": identity.sex,
        **{f"{_NUMBER}_{place}": number for place, number in enumerate(identity.numbers, start=1)},
    }
    return values[column]
