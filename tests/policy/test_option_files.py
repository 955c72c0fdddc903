"""Files of eligibility options as they really come: as meant, refused, or let pass by name."""

import copy
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.errors import PolicyError
from clearscale.policy import choose, compiled, gogen_policy
from clearscale.policy.county_options import SCREEN_SWITCHES, options_of, relief_options
from clearscale.policy.findings import ALLOWABLE, FoundError
from clearscale.policy.option_files import read_options
from tests.support.examples import examples
from tests.support.policy_texts import check_policy
from tests.support.samples import OPTIONS

FILES = Path(__file__).parent / "options"

FOUND = {
    "age39": {"unknown-section": "did you mean '11359'?", "out-of-range": "should be between 40 and 65, or 0"},
    "bom": {"encoding": "saved with a byte-order mark"},
    "both": {"dismissed-and-reduced": "section 11357 is both dismissed and reduced"},
    "comment": {"syntax": "line 1, column 1: a comment stands there"},
    "dup": {"repeated-section": "section 11357 stands 2 times in baselineEligibility.dismiss"},
    "empty": {"nothing-chosen": "no section and no relief"},
    "list": {"wrong-type": "is not an object"},
    "null": {"null": "the options are null", "nothing-chosen": "no section and no relief"},
    "numsec": {"wrong-type": 'in quotes, such as ["11357"]'},
    "strbool": {"wrong-type": "should be true or false, without quotes"},
    "strnum": {"syntax": "line 2, column 43"},
    "subsec": {"unknown-section": "'11357(a)'; sections are 11357, 11358, 11359, 11360; did you mean '11357'?"},
    "trailing": {"syntax": "line 10, column 2: a comma stands before the end"},
    "typo": {"unknown-option": "did you mean 'subjectAgeThreshold'?"},
    "utf16": {"encoding": "saved as UTF-16"},
    "yr": {"wrong-type": "yearsSinceConvictionThreshold should be a whole number"},
    "zero": {"syntax": "the file is empty"},
}
"""What must be found in each file, by name."""


def test_each_file_is_told_of() -> None:
    assert {path.stem for path in FILES.iterdir()} == set(FOUND)


@pytest.mark.parametrize("name", FOUND)
def test_a_file_is_refused_for_what_is_wrong_with_it(name: str) -> None:
    path = str(FILES / f"{name}.json")
    with pytest.raises(FoundError) as refused:
        choose(path)
    found = refused.value.findings
    assert {finding.name for finding in found} == set(FOUND[name])
    for kind, words in FOUND[name].items():
        assert any(words in finding.text for finding in found if finding.name == kind)
    assert all(finding.where == path for finding in found)
    assert check_policy(path) == [finding.line for finding in found]


@pytest.mark.parametrize("name", FOUND)
def test_what_may_be_allowed_passes_by_name_and_is_kept(name: str) -> None:
    path, names = str(FILES / f"{name}.json"), list(FOUND[name])
    if not set(names) <= set(ALLOWABLE):
        for one in set(names) - set(ALLOWABLE):
            with pytest.raises(PolicyError, match=rf'allow=\["{one}"\]: cannot be allowed'):
                choose(path, allow=[one])
        with pytest.raises(FoundError) as refused:
            choose(path, allow=[one for one in names if one in ALLOWABLE])
        assert "allow=" not in str(refused.value)
        return
    with pytest.raises(FoundError) as refused:
        choose(path)
    assert refused.value.args[-1].endswith(" ".join(f"--allow {one}" for one in names))
    chosen = choose(path, allow=names)
    assert chosen.policy == gogen_policy(Path(path).read_bytes(), name)
    assert [finding["finding"] for finding in chosen.document()] == names
    if len(names) > 1:
        with pytest.raises(FoundError):
            choose(path, allow=names[:1])


@pytest.mark.parametrize("depth", [20_000, 2_000_000])
def test_nesting_without_end_is_a_message(depth: int) -> None:
    for begin, end in (("[", "]"), ('{"a":', "}")):
        for text in (begin * depth, begin * depth + "1" + end * depth):
            with pytest.raises(FoundError) as refused:
                choose_text(text)
            assert refused.value.findings[0].name == "nesting"


def choose_text(text: str | bytes) -> Any:
    """Choose a policy by the text of its options."""
    found = read_options(text)
    if found.refused or found.doubted:
        raise FoundError([*found.refused, *found.doubted])
    return gogen_policy(text)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (b"\xfe\xff\x00{\x00}", "encoding"),
        (b"\xff\xfe\x00\x00{\x00\x00\x00}\x00\x00\x00", "encoding"),
        ("{}".encode("utf-16-le"), "encoding"),
        ("{}".encode("utf-16-be"), "encoding"),
        (b'{"M\xfcller": 1}', "encoding"),
        ("\ufeff{}", "encoding"),
        ("  \n", "syntax"),
        ("{} {}", "syntax"),
        ("{}x", "syntax"),
        ("# mine\n{}", "syntax"),
        ("/* mine */ {}", "syntax"),
        ("{'additionalRelief': {}}", "syntax"),
        ('{"additionalRelief": {"subjectAgeThreshold": NaN}}', "syntax"),
        ('{"additionalRelief": {"subjectAgeThreshold": 1' + "0" * 5000 + "}}", "syntax"),
        ('{"additionalRelief": {"subjectAgeThreshold": 1e999}}', "wrong-type"),
        ('{"additionalRelief": {"subjectAgeThreshold": 4e1}}', "wrong-type"),
        ('{"baselineEligibility": {"dismiss": false}}', "wrong-type"),
        ('{"baselineEligibility": {"dismiss": ""}}', "wrong-type"),
        ('{"baselineEligibility": {"dismiss": {}}}', "wrong-type"),
        ('{"baselineEligibility": {"dismiss": [null]}}', "wrong-type"),
        ('{"baselineEligibility": {"dismiss": ["11357"], "dismiss": ["11358"]}}', "duplicate-key"),
        ('{"baselineEligibility": {"dismiss": ["11357"], "Dismiss": ["11358"]}}', "duplicate-key"),
        ('{"additionalRelief": {"dismissOlderThanAgeThreshold": "true", "subjectAgeThreshold": 50}}', "wrong-type"),
        (
            '{"additionalRelief": {"dismissOlderThanAgeThreshold": false, "subjectAgeThreshold": 50}}',
            "contradiction",
        ),
        ('{"baselineEligibility": {"dismiss": ["11357"]}, "additionalRelief": null}', "null"),
    ],
)
def test_texts_that_are_refused(text: str | bytes, name: str) -> None:
    with pytest.raises(FoundError) as refused:
        choose_text(text)
    assert name in {finding.name for finding in refused.value.findings}


def test_what_the_screens_wrote_is_taken() -> None:
    """Switches beside thresholds, which the counties' program passed over."""
    document = copy.deepcopy(OPTIONS)
    document["additionalRelief"].update(dict.fromkeys(SCREEN_SWITCHES.values(), True))
    assert choose(document).policy == gogen_policy(OPTIONS)
    for name, switch in SCREEN_SWITCHES.items():
        option = next(option for option in relief_options() if option.name == name)
        off = copy.deepcopy(document)
        off["additionalRelief"][option.key] = 0
        with pytest.raises(FoundError, match=f"{switch} is true, and {option.key} is off"):
            choose(off)
        off["additionalRelief"][switch] = False
        assert choose(off).policy == gogen_policy(off)


def test_of_a_name_that_stands_twice_the_last_counts_as_in_the_counties_program() -> None:
    """Members of both objects are taken, and null takes nothing away; so does Go's decoder."""
    text = (
        '{"baselineEligibility": {"dismiss": ["11357"], "reduce": ["11359"]},'
        ' "baselineEligibility": {"reduce": ["11360"]},'
        ' "additionalRelief": {"subjectAgeThreshold": 50, "SUBJECTAGETHRESHOLD": 40, "subjectAgeThreshold": null}}'
    )
    assert gogen_policy(text) == gogen_policy(options_of(("11357",), ("11360",), {"age": 40}))


def test_names_of_findings_that_are_none() -> None:
    with pytest.raises(PolicyError, match=r"there is no such finding; did you mean 'unknown-option'\?"):
        choose(OPTIONS, allow=["unknown-options"])
    with pytest.raises(PolicyError, match="give a list of names"):
        choose(OPTIONS, allow="unknown-option")


# Mutations of documents, judged by a plain reader of what a document can mean.

SECTIONS = ("11357", "11358", "11359", "11360")
SETTINGS = st.fixed_dictionaries(
    {},
    optional={
        option.key: st.booleans() if option.is_switch else st.sampled_from(option.settings)
        for option in relief_options()
    },
)
DOCUMENTS = st.fixed_dictionaries(
    {
        "baselineEligibility": st.lists(st.sampled_from(SECTIONS), unique=True).flatmap(
            lambda chosen: st.integers(0, len(chosen)).map(
                lambda cut: {"dismiss": chosen[:cut], "reduce": chosen[cut:]}
            )
        )
    },
    optional={"additionalRelief": SETTINGS},
)
OTHERS: list[Any] = [None, True, False, 0, 1, 39, 40, 65, 66, -1, 5.0, "", "57", "true", "11357", [], ["11357"], {}]


def meant(document: Any) -> tuple[list[str], list[str], dict[str, Any]] | None:
    """What a document says if nothing is wrong with it, read as simply as possible; None if something is."""
    try:
        assert isinstance(document, dict)
        assert set(document) <= {"baselineEligibility", "additionalRelief"}
        baseline, relief = document.get("baselineEligibility", {}), document.get("additionalRelief", {})
        assert isinstance(baseline, dict)
        assert isinstance(relief, dict)
        assert set(baseline) <= {"dismiss", "reduce"}
        dismiss, reduce = baseline.get("dismiss", []), baseline.get("reduce", [])
        assert isinstance(dismiss, list)
        assert isinstance(reduce, list)
        sections = [*dismiss, *reduce]
        assert all(section in SECTIONS for section in sections)
        assert len(set(sections)) == len(sections)
        possible: dict[str, Any] = {option.key: (option.name, option.settings) for option in relief_options()}
        assert set(relief) <= set(possible)
        chosen = {possible[key][0]: value for key, value in relief.items()}
        for key, value in relief.items():
            assert any(type(value) is type(one) and value == one for one in possible[key][1])
        assert sections or any(chosen.values())
    except AssertionError:
        return None
    return dismiss, reduce, chosen


def places(document: Any) -> Iterator[tuple[Any, Any]]:
    """Each container of a document with a key in it."""
    pairs = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in list(pairs):
        yield document, key
        if isinstance(value, dict | list):
            yield from places(value)


def typo(draw: Callable[[Any], Any], container: Any, key: Any) -> None:
    if isinstance(container, dict):
        at = draw(st.integers(0, len(key) - 1))
        other = draw(st.sampled_from(["", "x", key[at].swapcase() + key[at]]))
        container[key[:at] + other + key[at + 1 :]] = container.pop(key)


def change(draw: Callable[[Any], Any], container: Any, key: Any) -> None:
    container[key] = copy.deepcopy(draw(st.sampled_from(OTHERS)))


def nest(draw: Callable[[Any], Any], container: Any, key: Any) -> None:
    container[key] = draw(st.sampled_from([[container[key]], {"value": container[key]}]))


def leave_out(draw: Callable[[Any], Any], container: Any, key: Any) -> None:
    del draw, container[key]


def move(draw: Callable[[Any], Any], container: Any, key: Any) -> None:
    if isinstance(container, dict):
        container[draw(st.sampled_from(["dismiss", "reduce", "subjectAgeThreshold"]))] = container.pop(key)


@settings(max_examples=examples(2000))
@given(st.data())
def test_a_mutated_document_is_refused_or_means_what_it_says(data: st.DataObject) -> None:
    document: Any = copy.deepcopy(data.draw(DOCUMENTS))
    for _ in range(data.draw(st.integers(0, 3))):
        found = list(places(document))
        if found:
            container, key = data.draw(st.sampled_from(found))
            data.draw(st.sampled_from([typo, change, nest, leave_out, move]))(data.draw, container, key)
    expected = meant(document)
    judge(document, expected)
    stated = read_options(json.dumps(document))
    assert (not stated.refused and not stated.doubted) == (expected is not None)


def judge(document: Any, expected: tuple[list[str], list[str], dict[str, Any]] | None) -> None:
    if expected is None:
        with pytest.raises(PolicyError):
            choose(document)
        return
    policy = choose(document).policy
    same = gogen_policy(options_of(*expected))
    assert policy == same
    mine, other = compiled(policy), compiled(same)  # type: ignore[arg-type]
    assert mine.conditions.tolist() == other.conditions.tolist()
    assert mine.bounds.tolist() == other.bounds.tolist()


@settings(max_examples=examples(2000))
@given(st.data())
def test_a_damaged_text_is_refused_or_the_same_document(data: st.DataObject) -> None:
    document = data.draw(DOCUMENTS)
    text = json.dumps(document, indent=data.draw(st.sampled_from([None, 1])))
    at = data.draw(st.integers(0, len(text)))
    inserted = data.draw(st.sampled_from(["", ",", "{", "}", "[", "]", '"', "//", "null", "0", " ", "\x00", "é"]))
    cut = data.draw(st.integers(0, 3))
    damaged = text[:at] + inserted + text[at + cut :]
    try:
        policy = choose_text(damaged.encode())
    except PolicyError:
        return
    expected = meant(json.loads(damaged))
    assert expected is not None
    assert policy == gogen_policy(options_of(*expected))
