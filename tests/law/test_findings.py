"""Kinds of findings: limits, words, and names."""

import pytest

from clearscale.errors import ClearscaleError
from clearscale.law import state
from clearscale.law.findings import Finding, Kind, Kinds

KIND = Kind("odd-dates", "records", "have odd dates", "Ask again.", 0.1, 0.5)


@pytest.mark.parametrize(
    ("count", "grade"), [(0, None), (10, None), (11, "warn"), (50, "warn"), (51, "refuse"), (100, "refuse")]
)
def test_limits_are_shares(count: int, grade: str | None) -> None:
    found = KIND.judge(count, 100)
    assert (found.grade if found else None) == grade


def test_a_kind_without_a_limit_never_refuses() -> None:
    judged = Kind("odd-dates", "records", "have odd dates", "Ask again.", 0.0, None).judge(100, 100)
    assert judged is not None
    assert judged.grade == "warn"


@pytest.mark.parametrize(
    ("finding", "words"),
    [
        (
            Finding("odd-dates", "warn", 1, 300, "records", (7,)),
            "1 of 300 records have odd dates (line 7). Ask again.",
        ),
        (
            Finding("odd-dates", "warn", 1200, 3000, "records", (7, 9), "as 9/9/9999"),
            "1,200 of 3,000 records have odd dates: as 9/9/9999 (lines 7, 9, ...). Ask again.",
        ),
        (Finding("odd-dates", "warn", 2, 2, "records"), "2 of 2 records have odd dates. Ask again."),
    ],
)
def test_words(finding: Finding, words: str) -> None:
    assert KIND.words(finding) == words


def test_few_are_never_refused_where_a_kind_says_so() -> None:
    kind = Kind("odd-dates", "records", "have odd dates", "Ask again.", 0.0, 0.5, refuse_from=10)
    grades = [getattr(kind.judge(of, of), "grade", None) for of in (1, 9, 10)]
    assert grades == ["warn", "warn", "refuse"]


def test_a_finding_survives_its_document() -> None:
    finding = Finding("odd-dates", "refuse", 3, 9, "records", (1, 2), "detail", accepted=True)
    assert Finding.read(finding.document()) == finding
    assert not finding.refuses


@pytest.mark.parametrize(
    ("stated", "wrong"),
    [({"refuse_above": 1.5}, ValueError), ({"warn_above": -1}, ValueError), ({"limit": 1}, TypeError)],
)
def test_limits_that_are_none_are_told(stated: dict[str, float], wrong: type[Exception]) -> None:
    with pytest.raises(wrong):
        Kinds.read({"odd-dates": {"among": "records", "says": "are odd", "do": "Look.", **stated}})


def test_the_nearest_name_is_offered() -> None:
    name = next(iter(state().findings.listed))
    with pytest.raises(ClearscaleError, match=f"did you mean '{name}'"):
        state().findings.check_names([name[:-1]])


@pytest.mark.parametrize("kind", state().findings.listed.values(), ids=lambda kind: kind.name)
def test_every_kind_says_what_it_is_and_what_to_do(kind: Kind) -> None:
    assert kind.among in (
        "records",
        "lines",
        "values of a column",
        "deciding records",
        "court actions",
        "subjects",
        "people",
        "convictions",
        "files",
        "extracts",
    )
    assert kind.says
    assert kind.do.endswith(".")
    assert kind.refuse_above is None or kind.warn_above <= kind.refuse_above
