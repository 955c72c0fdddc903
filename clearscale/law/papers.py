"""What papers for a court say, from `papers.toml` in this folder and, above it, from a state's own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

CONVICTIONS, CHARGES = "convictions", "charges"
"""What papers are about: the keys of their words."""


@dataclass(frozen=True)
class ReliefWords:
    """What is said of an outcome.

    Parameters
    ----------
    word
        In a list.
    order
        A paragraph of an order; empty if no court orders it.
    elsewhere
        Who gives it then.
    done
        In a notice: what was done.
    means
        In a notice: what that means, a text each.
    """

    word: str
    order: str
    elsewhere: str
    done: str
    means: tuple[str, ...]


@dataclass(frozen=True)
class PaperWords:
    """What papers about convictions, or about charges, say.

    Parameters
    ----------
    subject, subjects
        What a line of a list is.
    day
        The heading of its date.
    title
        Of an order.
    grounds
        The law that gives the relief.
    findings, orders
        What a court finds, and what it orders beside the relief itself.
    about, do
        In a notice: what happened, and what is to do.
    not_done
        In a notice: what the relief does not do.
    relief
        By outcome.
    """

    subject: str
    subjects: str
    day: str
    title: str
    grounds: str
    findings: tuple[str, ...]
    orders: tuple[str, ...]
    about: str
    do: str
    not_done: tuple[str, ...]
    relief: Mapping[str, ReliefWords]

    @classmethod
    def read(cls, stated: Mapping[str, Any]) -> "PaperWords":
        """The words that a table states."""
        texts = {name: stated[name] for name in ("subject", "subjects", "day", "title", "grounds", "about", "do")}
        relief = {
            outcome: ReliefWords(
                words["word"], words["order"], words.get("elsewhere", ""), words["done"], tuple(words["means"])
            )
            for outcome, words in stated["relief"].items()
        }
        return cls(
            **texts,
            findings=tuple(stated["findings"]),
            orders=tuple(stated["orders"]),
            not_done=tuple(stated["not"]),
            relief=relief,
        )


@dataclass(frozen=True)
class Papers:
    """What papers say in a state.

    Parameters
    ----------
    caption
        The court's name above a paper, a line each.
    court
        Its name in a sentence.
    party, against
        Who asks, and of whom.
    line_numbers
        How many lines of a page are numbered in the margin; 0 for none.
    perjury
        The words above the signature of a declaration.
    no_case
        What stands where the number of a case was not known.
    words
        By `CONVICTIONS` and `CHARGES`.
    """

    caption: tuple[str, ...]
    court: str
    party: str
    against: str
    line_numbers: int
    perjury: str
    no_case: re.Pattern[str]
    words: Mapping[str, PaperWords]

    def is_case(self, number: str) -> bool:
        """Whether a text is the number of a case."""
        return self.no_case.fullmatch(number.strip().upper()) is None

    @classmethod
    def read(cls, general: Mapping[str, Any], own: Mapping[str, Any]) -> "Papers":
        """The papers of a state.

        Parameters
        ----------
        general
            Tables of the `papers.toml` that is no state's.
        own
            Those of the state's own; empty if it has none.

        Returns
        -------
        Papers
            What the state says, and for the rest what is general.
        """
        stated = _merged(general, own)
        return cls(
            caption=tuple(stated["caption"]),
            court=stated["court"],
            party=stated["party"],
            against=stated["against"],
            line_numbers=stated["line_numbers"],
            perjury=stated["perjury"],
            no_case=re.compile("|".join(stated["no_case"])),
            words={about: PaperWords.read(stated[about]) for about in (CONVICTIONS, CHARGES)},
        )


def _merged(general: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """All of `general`, with what `own` says in its place, table by table."""
    found = {**general, **own}
    for name in general.keys() & own.keys():
        if isinstance(general[name], Mapping) and isinstance(own[name], Mapping):
            found[name] = _merged(general[name], own[name])
    return found
