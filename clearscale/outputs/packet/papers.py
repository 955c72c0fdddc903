"""What each paper of a packet says: the data that templates are given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clearscale.law.papers import CHARGES, CONVICTIONS, Papers, PaperWords
from clearscale.outputs.report.shell import quoted
from clearscale.outputs.report.words import county_title, with_county
from clearscale.relief import OUTCOMES

from .lines import RECORD_OF, Fate, Line, Sorted, by_person, flag_words, volumes
from .office import Office
from .setting import Job

FEW = 8
"""Cases whose list needs no page of its own."""

_TEMPLATE_NOTE = (
    "This paper was filled in by a program. It is no legal advice: counsel must check it, adapt it to the law, the "
    "court's rules and the facts, and make it anew with --final. It names people whose records may be sealed: file "
    "it under seal where the court's rules say so."
)
_NOTICE_NOTE = "Send it only when the order is signed, to the address of the person that you have checked."


@dataclass(frozen=True)
class Told:
    """What a packet says of the run that it was made of.

    Attributes
    ----------
    trace
        (what, value), by which the run is found.
    policy
        `id` and `title`.
    rules
        Number, reason, outcome and law of each.
    sources
        Of the policy, a text each.
    records
        (what, count) of records considered.
    findings
        What is doubtful about the records that were read, (what, count, what was done).
    version
        Of clearscale.
    """

    trace: tuple[tuple[str, str], ...]
    policy: Mapping[str, str]
    rules: tuple[tuple[str, str, str, str], ...]
    sources: tuple[str, ...]
    records: tuple[tuple[str, str], ...]
    findings: tuple[tuple[str, str, str], ...]
    version: str

    @property
    def of(self) -> Mapping[str, str]:
        """The trace by name."""
        return dict(self.trace)


@dataclass(frozen=True)
class Packet:
    """All that papers are made of.

    Attributes
    ----------
    office, papers, words
        Who makes them, and what a state says; words: of what the run is over.
    told
        Of the run.
    found
        The lines.
    county
        As records write it.
    where
        The court or agency that was asked for; empty for all of the county.
    final
        Whether the papers are no drafts.
    most, people_each
        Lines of an order at most, and people of a file of notices at most; 1 for a file a person.
    related
        Whether the policy decides other charges than those that the state's words are about.
    """

    office: Office
    papers: Papers
    words: PaperWords
    told: Told
    found: Sorted
    county: str
    where: str
    final: bool
    most: int
    people_each: int
    related: bool

    @property
    def court(self) -> str:
        """The court's name in a sentence."""
        return self.office.stated["court"]["name"] or with_county(self.papers.court, self.county)

    @property
    def title(self) -> str:
        """The title of an order."""
        return self.filled(self.office.stated["order"]["title"] or self.words.title)

    @property
    def grounds(self) -> str:
        """The statute that gives the relief."""
        return str(self.office.stated["order"]["grounds"] or self.words.grounds)

    def filled(self, text: str, relief: str = "", count: int = 0) -> str:
        """A state's text with what it leaves open, of a relief or of none. Nothing of a record is filled in."""
        open_ = {
            "word": self.words.relief[relief].word if relief else "",
            "court": self.court,
            "office": self.office.stated["office"]["name"],
            "grounds": self.grounds,
            "count": counted(count, self.words),
        }
        for name, value in open_.items():
            text = text.replace(f"{{{name}}}", value)
        return with_county(text, self.county)

    def jobs(self) -> list[Job]:
        """All files that are to be set, orders first."""
        orders = self.orders()
        return [*orders, *(self.declarations() if orders else ()), *self.notices(), *self.reviews()]

    def _common(self, title: str, lines: int) -> dict[str, Any]:
        run = self.told.of
        note = _TEMPLATE_NOTE
        if self.related:
            note += " The policy decides related charges, too: name the law that gives relief for these."
        return {
            "title": title,
            "draft": not self.final,
            "template-note": note,
            "office": self.office.document(self.county),
            "seal": self.office.seal[0] if self.office.seal else "",
            "seal-alt": self.office.stated["seal"]["alt"] or "Seal",
            "court": self.court,
            "caption": [self.filled(text).upper() for text in self.papers.caption],
            "party": self.papers.party,
            "against": self.papers.against,
            "line-numbers": lines,
            "trace": [list(row) for row in self.told.trace],
            "footer": f"Run {run['Run'][:16]}, policy {self.told.policy['id']}, as of {run['As of']}",
            "volume": "",
            "proposed": False,
            "day": self.words.day,
            "subjects": self.words.subjects,
            "named": any(line.name for lines in self.found.lines.values() for line in lines),
            "counts": any(line.count for lines in self.found.lines.values() for line in lines),
        }

    def orders(self) -> list[Job]:
        """Proposed orders; one, but for more lines than a paper should have."""
        ordered = self.found.lines[Fate.ORDERED]
        parts = list(volumes(ordered, self.most))
        made, first = [], 1
        for number, part in enumerate(parts, start=1):
            data = self._common(self.title, self.papers.line_numbers)
            if len(parts) > 1:
                data["volume"] = f"Order {number} of {len(parts)}"
            counts = [(name, sum(line.relief == name for line in part)) for name in self.words.relief]
            granted = [(name, count) for name, count in counts if count]
            reliefs = [self.filled(self.words.relief[name].order, name, count) for name, count in granted]
            data |= {
                "proposed": True,
                "findings": [self.filled(text) for text in self.words.findings],
                "orders": [*reliefs, *map(self.filled, self.words.orders)],
                "few": len(part) <= FEW,
                "list-note": self._list_note(part, first, len(ordered)),
                "total-columns": ["Relief", self.words.subjects.capitalize(), "People"],
                "totals": [
                    *(
                        self._total(self.words.relief[name].word, [x for x in part if x.relief == name])
                        for name, _ in granted
                    ),
                    self._total("Total", part),
                ],
                "groups": self._groups(part, first, lambda line: line.court or "Court not in the record"),
            }
            name = "order.pdf" if len(parts) == 1 else f"order-{number:02d}-of-{len(parts):02d}.pdf"
            made.append(Job("order", data, name, len(part)))
            first += len(part)
        return made

    def _list_note(self, part: Sequence[Line], first: int, of: int) -> str:
        last = first + len(part) - 1
        note = "A case with several counts has a line for each."
        if any(line.count for line in part):
            note += " Numbers of counts are those of the records."
        if not any(line.name for line in part):
            note += " The records have no names; add them where the rules of the court ask for them."
        if len(part) < of:
            note = f"Lines {first:,} to {last:,} of {of:,}. {note}"
        return note

    def _total(self, title: str, lines: Sequence[Line]) -> list[str]:
        return [title, f"{len(lines):,}", f"{len({line.person for line in lines}):,}"]

    def _groups(self, lines: Sequence[Line], first: int, titled: Callable[[Line], str]) -> list[dict[str, Any]]:
        """Lines by what they are titled with, each with its number; no title where there is one."""
        groups: list[dict[str, Any]] = []
        several = len({titled(line) for line in lines}) > 1
        sources = len({line.source for line in lines})
        for place, line in enumerate(lines, start=first):
            title = titled(line) if several else ""
            if not groups or groups[-1]["title"] != title:
                groups.append({"title": title, "rows": []})
            relief = self.words.relief[line.relief].word if line.relief else outcome_words(line.outcome)
            if line.relief and line.fate is not Fate.ORDERED:
                relief = f"Proposed: {relief[0].lower()}{relief[1:]}"  # nothing is done, and no order says so
            record = f"{line.source}, {line.place}" if sources > 1 else str(line.place)
            row = {"place": f"{place:,}", "relief": relief, "why": line.why, "record": record}
            groups[-1]["rows"].append({**line.row, **row})
        return groups

    def notices(self) -> list[Job]:
        """A page or more a person."""
        people = by_person(self.found.lines[Fate.ORDERED])
        size = self.people_each
        parts = [people[first : first + size] for first in range(0, len(people), size)]
        made, number = [], 1
        for place, part in enumerate(parts, start=1):
            data = self._common("Notice about your record", 0)
            data |= {
                "template-note": _NOTICE_NOTE,
                "about": self.filled(self.words.about),
                "not-done": [self.filled(text) for text in self.words.not_done],
                "do": self.filled(self.words.do),
                "ask": "You can ask these, free of charge. Have this notice at hand."
                if self.office.stated["notice"]["ask"]
                else "",
                "reliefs": [
                    {
                        "name": name,
                        "done": self.filled(words.done, name),
                        "means": [self.filled(text) for text in words.means],
                    }
                    for name, words in self.words.relief.items()
                ],
                "people": [self._person(own, number + offset) for offset, own in enumerate(part)],
            }
            number += len(part)
            if size == 1:
                name = f"notices/{place:05d}.pdf"
            else:
                name = "notices.pdf" if len(parts) == 1 else f"notices-{place:02d}-of-{len(parts):02d}.pdf"
            made.append(Job("notice", data, name, sum(map(len, part))))
        return made

    def _person(self, own: Sequence[Line], number: int) -> dict[str, Any]:
        return {
            "number": number,
            "name": own[0].name or "The person in the case below",
            "reliefs": sorted({line.relief for line in own}),
            "cases": [{**line.row, "relief": self.words.relief[line.relief].word} for line in own],
        }

    def declarations(self) -> list[Job]:
        """The declaration of how the cases were found."""
        data = self._common("Declaration on how the listed cases were found", self.papers.line_numbers)
        data |= {
            "statements": self._statements(),
            "perjury": self.papers.perjury,
            "count-title": self.words.subjects.capitalize(),
            "outcomes": [
                *(
                    [f"{outcome_words(outcome)}: {fate.value}", f"{count:,}"]
                    for (fate, outcome), count in self._counts()
                ),
                ["All that was decided", f"{self.found.total:,}"],
            ],
            "records": [list(row) for row in self.told.records],
            "doubts": [
                *(
                    [flag_words(flag), f"{count:,}", "kept out of the order"]
                    for flag, count in sorted(self.found.doubts.items())
                ),
                *(
                    [flag_words(flag), f"{count:,}", "listed, since this office has looked at these"]
                    for flag, count in sorted(self.found.looked_at.items())
                ),
                *map(list, self.told.findings),
            ],
            "policy": dict(self.told.policy),
            "rules": [list(row) for row in self.told.rules],
            "sources": list(self.told.sources),
        }
        return [Job("declaration", data, "declaration.pdf")]

    def _counts(self) -> list[tuple[tuple[Fate, str], int]]:
        order = list(Fate)
        return sorted(self.found.counts.items(), key=lambda item: (order.index(item[0][0]), item[0][1]))

    def _statements(self) -> list[str]:
        run, lines = self.told.of, self.found.lines
        ordered, people = lines[Fate.ORDERED], len({line.person for line in lines[Fate.ORDERED]})
        kept = sum(len(lines[fate]) for fate in (Fate.FLAGGED, Fate.REVIEW, Fate.NOT_YET, Fate.ELSEWHERE))
        of = f" of {self.where}" if self.where else ""
        who = self.office.stated["office"]["name"]
        looked_at = ", other than those that this office has looked at" if self.found.looked_at else ""
        orders = len(list(volumes(ordered, self.most)))
        # Each order has a list of its own.
        where = "Attachment A" if orders == 1 else f"Attachments A of {orders} proposed orders"
        of_order = f"{where} of the proposed order" if orders == 1 else where
        apart = "was set apart to be looked at, and is" if kept == 1 else "were set apart to be looked at, and are"
        return [
            f"I am employed by the {who} and am authorized to make this declaration.",
            f"The cases in {of_order} were found by the program clearscale, version "
            f"{self.told.version}, in records of {county_title(self.county)}{of} that this office holds, as "
            f"they stood in snapshot {run['Snapshot']} of its store. Exhibit 2 says how many records were "
            "considered.",
            f"The program decided these records by the policy “{self.told.policy['title']}” as of {run['As of']}. "
            "Exhibit 3 has its rules. The same records, policy and date give the same decisions again; the run has "
            f"the key {run['Run']}.",
            f"It decided {counted(self.found.total, self.words)}. Of {people:,} "
            f"{'person' if people == 1 else 'people'}, {len(ordered):,} {'is' if len(ordered) == 1 else 'are'} "
            f"listed in {where}. Exhibit 1 says what became of each.",
            f"No {self.words.subject} is listed whose record raises a doubt{looked_at}, that the policy leaves to "
            "review, or "
            f"that is not due yet: {kept:,} {apart} not part of the order{'s' * (orders > 1)}. "
            "Exhibit 2 names the doubts.",
            "The program looks at records and at nothing else. What the records do not say, such as an amount or "
            "an age that is missing, was not known to it.",
        ]

    @property
    def record(self) -> tuple[str, str]:
        """What names a record: columns of lists, and options of `clearscale explain`."""
        return RECORD_OF[CONVICTIONS if self.words is self.papers.words[CONVICTIONS] else CHARGES]

    def _explained(self, part: Sequence[Line]) -> str:
        """How to ask why one of these lines was decided as it was."""
        source, place = self.record
        sources = sorted({line.source for line in part})
        of = quoted(sources[0]) if len(sources) == 1 else source.upper()
        end = f"{place.upper()} is in the last column" if len(sources) == 1 else "both are in the last column"
        return f" `clearscale explain --run RUN --{source} {of} --{place} {place.upper()}` tells all of one; {end}."

    def reviews(self) -> list[Job]:
        """What is not in the order and has to be looked at, for the office."""
        kept = [
            line
            for fate in (Fate.FLAGGED, Fate.REVIEW, Fate.ELSEWHERE, Fate.NOT_YET)
            for line in self.found.lines[fate]
        ]
        parts = list(volumes(kept, self.most))
        made, first = [], 1
        for place, part in enumerate(parts, start=1):
            fates = [fate for fate in Fate if any(line.fate is fate for line in part)]
            data = self._common("Not included, to be looked at", 0)
            one = len({line.source for line in part}) == 1
            data |= {
                "about": f"These {self.words.subjects} are not in the order. For the office, not for the court."
                + (f" Part {place} of {len(parts)}." if len(parts) > 1 else "")
                + (_LET_IN if Fate.FLAGGED in fates else "")
                + self._explained(part),
                "record-title": (self.record[1] if one else " and ".join(self.record)).capitalize(),
                "total-columns": ["Why", self.words.subjects.capitalize(), "People"],
                "totals": [
                    *(self._total(fate.value.capitalize(), [x for x in part if x.fate is fate]) for fate in fates),
                    self._total("Total", part),
                ],
                "groups": self._groups(part, first, lambda line: line.fate.value.capitalize()),
            }
            first += len(part)
            name = "review.pdf" if len(parts) == 1 else f"review-{place:02d}-of-{len(parts):02d}.pdf"
            made.append(Job("review", data, name, len(part)))
        return made


_LET_IN = (
    " Behind each doubt stands its name: once somebody has looked at all such cases, --accept with that name lets "
    "them into an order."
)


def outcome_words(outcome: str) -> str:
    """What was decided, as people read it."""
    return OUTCOMES[outcome].text if outcome in OUTCOMES else outcome or "No rule decides"


def counted(count: int, words: PaperWords) -> str:
    """A number of convictions or charges."""
    return f"{count:,} {words.subject if count == 1 else words.subjects}"
