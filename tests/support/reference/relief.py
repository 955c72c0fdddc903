"""What becomes of charges, in plain Python, from docs/reference/charge-policies.md: no line shared with the engine.

A person is decided alone, charge by charge, with True, False and None (not known). A number is (least, most).
"""

import datetime
import fnmatch
import tomllib
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from .histories import Charge, Person

Truth = bool | None
Claim = tuple[int, int, int, str]
NEVER, EVER = -(10**9), 10**9
GROUPS = {
    "charges": [],
    "convictions": ["convicted"],
    "felonies": ["convicted", "level is felony"],
    "misdemeanors": ["convicted", "level is misdemeanor"],
    "pending": ["disposition is pending"],
    "relieved": ["disposition is set-aside or vacated"],
    "serving": ["convicted", "sentence_end > today"],
    "supervised": ["convicted", "supervision_end > today"],
}
RELIEF = ("dismiss", "reduce", "vacate", "expunge", "seal", "pardon-list")


class Answer(NamedTuple):
    """What becomes of a charge; outcome None: it is not decided. rule: from 0. first: a date, or None."""

    outcome: str | None
    rule: int | None = None
    first: datetime.date | None = None
    unsure: bool = False


def both(truths: Sequence[Truth]) -> Truth:
    if False in truths:
        return False
    return None if None in truths else True


def either(truths: Sequence[Truth]) -> Truth:
    if True in truths:
        return True
    return None if None in truths else False


def opposite(truth: Truth) -> Truth:
    return None if truth is None else not truth


def number_of(date: datetime.date | None) -> int | None:
    return None if date is None else date.toordinal()


def span_of(date: datetime.date | None) -> tuple[int, int]:
    return (NEVER, EVER) if date is None else (date.toordinal(), date.toordinal())


def later(day: int, number: int, unit: str) -> int:
    if day in (NEVER, EVER):
        return day
    if unit == "day":
        return day + number
    date = datetime.date.fromordinal(day)
    months = date.year * 12 + date.month - 1 + number * (12 if unit == "year" else 1)
    try:
        return datetime.date(months // 12, months % 12 + 1, date.day).toordinal()
    except ValueError:
        return datetime.date((months + 1) // 12, (months + 1) % 12 + 1, 1).toordinal()


class Policy:
    """A policy file, and how it decides."""

    def __init__(
        self, text: str, as_of: datetime.date, values: dict[str, Any] | None = None, untold: Any = ()
    ) -> None:
        self.stated = tomllib.loads(text)
        parameters = self.stated.get("parameters", {})
        self.values = {name: table["default"] for name, table in parameters.items()} | (values or {})
        self.stated["rule"] = [rule for rule in self.stated["rule"] if self.is_part(rule)]
        self.today, self.untold = as_of.toordinal(), untold
        self.groups = GROUPS | {name: table["if"] for name, table in self.stated.get("groups", {}).items()}

    def is_part(self, rule: dict[str, Any]) -> bool:
        wanted = rule.get("when", [])
        switches = [wanted] if isinstance(wanted, str) else wanted
        return all(
            self.values[switch.removeprefix("not ").strip("{}")] is not switch.startswith("not ")
            for switch in switches
        )

    def placed(self, text: str) -> str:
        for name, value in self.values.items():
            text = text.replace(f"{{{name}}}", str(value))
        return text

    # Conditions

    def holds(self, text: str, person: Person, charge: Charge) -> Truth:
        text = self.placed(text)
        if text.startswith("not "):
            return opposite(self.holds(text[4:], person, charge))
        if text.startswith("statute in "):
            return self.listed(text.removeprefix("statute in "), charge)
        words = text.split()
        if words[0] in ("case", "person") and words[1] in ("some", "only"):
            charges = self.around(words[0], person, charge)
            truths = [self.member(words[2], person, other) for other in charges]
            truths += [] if person.identified else [None]
            return either(truths) if words[1] == "some" else both(truths)
        for operator in (" == ", " != ", " <= ", " >= ", " < ", " > "):
            if operator in text:
                quantity, value = text.split(operator)
                return self.compared(quantity, operator.strip(), value, person, charge)
        if " is " in text:
            name, said = text.split(" is ")
            if said.startswith("not "):
                return opposite(self.worded(name, said[4:], person, charge))
            return self.worded(name, said, person, charge)
        return self.flag(text, person, charge)

    def flag(self, name: str, person: Person, charge: Charge) -> Truth:
        if name == "no_disposition":
            return charge.disposition == "none"
        if name == "convicted":
            return self.worded("disposition", "convicted", person, charge)
        found: bool = getattr(person if hasattr(person, name) else charge, name)
        return None if name in self.untold and not found else found

    def worded(self, name: str, said: str, person: Person, charge: Charge) -> Truth:
        if said == "known":
            return self.is_known(name, person, charge)
        if name == "inchoate":
            if not charge.inchoate and not charge.section:
                return None
            return (charge.inchoate or "none") in said.split(" or ")
        value = {
            "class": charge.severity,
            "level": charge.level,
            "disposition": charge.disposition,
            "county": charge.county,
        }[name]
        if name == "disposition" and value == "none":
            return None
        return None if value is None else value.lower() in [word.lower() for word in said.split(" or ")]

    def is_known(self, name: str, person: Person, charge: Charge) -> bool:
        if name.endswith("_date") or name.endswith("_end"):
            return self.date(name, person, charge) is not None
        if name == "grams":
            return charge.grams is not None
        return self.worded(name, "nothing", person, charge) is not None

    def listed(self, name: str, charge: Charge) -> Truth:
        stated = self.stated["lists"][name]
        if not charge.section:
            patterns = stated.get("descriptions", [])
            return (
                True
                if any(fnmatch.fnmatchcase(charge.description.upper(), pattern) for pattern in patterns)
                else None
            )
        on_it = either([self.named(entry, charge) for entry in stated.get("statutes", [])])
        return both([on_it, opposite(either([self.named(entry, charge) for entry in stated.get("but_not", [])]))])

    def named(self, entry: dict[str, Any], charge: Charge) -> Truth:
        if entry["code"] != charge.code or not any(
            fnmatch.fnmatchcase(charge.section, pattern) for pattern in entry["sections"]
        ):
            return False
        wanted = entry.get("subsections", [])
        if not wanted or any(charge.subsection.startswith(subsection) for subsection in wanted):
            return True
        return None if any(subsection.startswith(charge.subsection) for subsection in wanted) else False

    # Groups

    def around(self, scope: str, person: Person, charge: Charge) -> list[Charge]:
        if scope == "person":
            return person.charges
        return list(next(case for case in person.cases if any(other is charge for other in case)))

    def member(self, group: str, person: Person, charge: Charge) -> Truth:
        return both([self.holds(text, person, charge) for text in self.groups[group]])

    def members(self, group: str, person: Person) -> list[tuple[Charge, Truth]]:
        return [(charge, self.member(group, person, charge)) for charge in person.charges]

    # Numbers and days

    def date(self, name: str, person: Person, charge: Charge) -> datetime.date | None:
        found: datetime.date | None = person.birth_date if name == "birth_date" else getattr(charge, name)
        return found

    def quantity(self, text: str, person: Person, charge: Charge) -> tuple[int, int]:
        words = text.split()
        if words[0] == "latest":
            return self.latest(words[1], words[3], person)
        if len(words) > 1 and words[1] == "count":
            truths = [self.member(words[2], person, other) for other in self.around(words[0], person, charge)]
            return truths.count(True), EVER if not person.identified else len(truths) - truths.count(False)
        if words[0] == "place":
            return self.place(words[2], person, charge)
        if text.startswith("age_at_"):
            day = self.date(f"{text.removeprefix('age_at_')}_date", person, charge)
            born = person.birth_date
            if day is None or born is None:
                return NEVER, EVER
            # Born on 29 February, a year older on 1 March.
            age = day.year - born.year - ((day.month, day.day) < (born.month, born.day))
            return age, age
        return span_of(self.date(text, person, charge))

    def latest(self, date: str, group: str, person: Person) -> tuple[int, int]:
        least, most = NEVER, NEVER
        for charge, truth in self.members(group, person):
            day = number_of(getattr(charge, date))
            if truth and day is not None:
                least = max(least, day)
            if truth is not False:
                most = max(most, EVER if day is None else day)
        return least, most if person.identified else EVER

    def place(self, group: str, person: Person, charge: Charge) -> tuple[int, int]:
        own = self.member(group, person, charge)
        if own is False:
            return 0, 0
        least = most = 1
        mine = charge.disposition_date
        seen = False
        for member, truth in self.members(group, person):
            if member is charge:
                seen = True
                continue
            other = member.disposition_date
            surely = mine is not None and other is not None and (other < mine or (other == mine and not seen))
            maybe = mine is None or other is None or surely
            least += truth is True and surely
            most += truth is not False and maybe
        return (least if own else 0), (most if person.identified else EVER)

    def compared(self, text: str, operator: str, value: str, person: Person, charge: Charge) -> Truth:
        if text == "grams":
            if charge.grams is None:
                return None
            above, to = charge.grams
            within = True if to <= float(value) else False if above >= float(value) else None
            return within if operator == "<=" else opposite(within)
        least, most = self.quantity(text, person, charge)
        if value == "today":
            limit = self.today
        elif "-" in value[1:]:
            limit = datetime.date.fromisoformat(value).toordinal()
        else:
            limit = int(value)
        if operator == "!=":
            return opposite(self.compared(text, "==", value, person, charge))
        if operator == "==":
            return False if most < limit or least > limit else True if least == most else None
        test: Callable[[int], bool] = {
            "<": lambda number: number < limit,
            "<=": lambda number: number <= limit,
            ">": lambda number: number > limit,
            ">=": lambda number: number >= limit,
        }[operator]
        answers = {test(least), test(most)}
        return answers.pop() if len(answers) == 1 else None

    # Waits

    def end(self, text: str, person: Person, charge: Charge) -> tuple[int, int]:
        text = self.placed(text)
        if text.startswith("until "):
            return span_of(datetime.date.fromisoformat(text.removeprefix("until ")))
        if_known = text.endswith(" if known")
        before, date = text.removesuffix(" if known").split("since ")
        words = before.split()
        number, unit = (int(words[0]), words[1].rstrip("s")) if words else (0, "day")
        least, most = self.quantity(date, person, charge)
        if if_known and most == EVER:
            most = least
        if "clear" not in words:
            return later(least, number, unit), later(most, number, unit)
        group = words[-1]
        members = self.members(group, person)
        surely = [number_of(member.disposition_date) for member, truth in members if truth]
        maybe = [number_of(member.disposition_date) for member, truth in members if truth is not False]
        lost = None in maybe or not person.identified
        low = self.clear(least, number, unit, [day for day in surely if day is not None])
        high = self.clear(most, number, unit, [day for day in maybe if day is not None])
        return low, EVER if lost and most != NEVER else high

    def clear(self, start: int, number: int, unit: str, days: list[int]) -> int:
        if start in (NEVER, EVER):
            return start
        for day in sorted(days):
            if start < day < later(start, number, unit):
                start = day
        return later(start, number, unit)

    # Rules

    def decide(self, person: Person) -> list[Answer]:
        charges = person.charges
        scope = [both([self.holds(text, person, charge) for text in self.stated["scope"]]) for charge in charges]
        answers: list[Answer | None] = [None if truth else Answer(None, unsure=truth is None) for truth in scope]
        waiting: dict[int, tuple[int, int]] = {}
        used: dict[str, int] = {}
        for place, rule in enumerate(self.stated["rule"]):
            claims: list[Claim] = []
            for at, charge in enumerate(charges):
                if answers[at] is None:
                    said, day = self.asked(rule, person, charge, at in waiting)
                    if said:
                        order = number_of(self.date(self.cap(rule).get("by", "disposition_date"), person, charge))
                        order = NEVER if order is None else order
                        if self.cap(rule).get("first", "oldest") == "newest":
                            order = -order
                        claims.append((max(day, self.today) if said == "later" else self.today, order, at, said))
            for day, _, at, said in self.with_places(rule, sorted(claims), used, person, waiting):
                self.give(rule, place, at, said, day, person, charges[at], answers, waiting)
        for at, (place, day) in waiting.items():
            if answers[at] is None:
                answers[at] = Answer("not-yet", place, datetime.date.fromordinal(day))
        return [Answer("not-eligible") if answer is None else answer for answer in answers]

    def asked(self, rule: dict[str, Any], person: Person, charge: Charge, waits: bool) -> tuple[str, int]:
        holds = both([self.holds(text, person, charge) for text in rule["if"]])
        wait = rule.get("wait", [])
        ends = [self.end(text, person, charge) for text in ([wait] if isinstance(wait, str) else wait)]
        low, high = max([NEVER, *(end[0] for end in ends)]), max([NEVER, *(end[1] for end in ends)])
        over = True if high <= self.today else False if low == high else None
        if holds is False:
            return "", 0
        if holds is None or over is None:
            return ("", 0) if waits or rule.get("unknown") == "no" else ("unsure", 0)
        return ("now", high) if over else ("later", high)

    def cap(self, rule: dict[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = self.stated["caps"][rule["cap"]] if "cap" in rule else {}
        return found

    def with_places(
        self,
        rule: dict[str, Any],
        claims: list[Claim],
        used: dict[str, int],
        person: Person,
        waiting: Any,
    ) -> list[Claim]:
        if "cap" not in rule:
            return claims
        cap = self.cap(rule)
        least, most = 0, 0 if person.identified else EVER
        if "already" in cap:
            truths = [truth for _, truth in self.members(cap["already"], person)]
            least = truths.count(True)
            most = EVER if not person.identified else len(truths) - truths.count(False)
        taken = used.setdefault(rule["cap"], least)
        got = claims[: max(0, int(self.placed(str(cap["most"]))) - taken)]
        used[rule["cap"]] += len(got)
        if least == most:
            return got
        if rule.get("unknown") == "no":
            return []
        return [(day, order, at, "unsure") for day, order, at, _ in got if at not in waiting]

    def give(
        self,
        rule: dict[str, Any],
        place: int,
        at: int,
        said: str,
        day: int,
        person: Person,
        charge: Charge,
        answers: list[Answer | None],
        waiting: dict[int, tuple[int, int]],
    ) -> None:
        relief = rule["then"] in RELIEF
        if said == "unsure":
            answers[at] = Answer("undecided", place)
        elif said == "later":
            if at not in waiting or day < waiting[at][1]:
                waiting[at] = (place, day)
        elif relief or at not in waiting:
            end = self.asked(rule, person, charge, False)[1]
            first = None if not relief or end == NEVER else datetime.date.fromordinal(end)
            answers[at] = Answer(rule["then"], place, first)
