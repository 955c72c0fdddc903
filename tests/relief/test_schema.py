"""The JSON schema of policies over charges: packs and pages fit it, and what reading refuses does not."""

import json
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from clearscale.formats.validating import schema as column_maps
from clearscale.law.charge_policies import charge_policies
from clearscale.policy.language import KEYS as KEYS_OF_CONVICTIONS
from clearscale.policy.locating import OF_CHARGES
from clearscale.relief.facts import FACTS, FORMS, LEVELS
from clearscale.relief.language import KEYS
from clearscale.relief.schema import charge_policy_schema
from tests.commands.test_policy_commands import call
from tests.relief.test_reading import GOOD

DOCS = Path(__file__).parents[2] / "docs"


def plain(value: Any) -> Any:
    """A document with its dates as texts."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value if isinstance(value, str | int | bool) else value.isoformat()


@cache
def validator() -> Any:
    # Takes seconds to import where all its formats are installed: every process that collects tests would pay.
    from jsonschema import Draft202012Validator

    return Draft202012Validator(charge_policy_schema())


def fits(text: str) -> bool:
    return bool(validator().is_valid(plain(tomllib.loads(text))))


def test_the_schema_is_one_and_the_command_prints_it(capsys: pytest.CaptureFixture[str]) -> None:
    from jsonschema import Draft202012Validator

    Draft202012Validator.check_schema(charge_policy_schema())
    code, out, _ = call(capsys, "policies", "schema", "--charges")
    assert code == 0
    assert json.loads(out) == charge_policy_schema()


@pytest.mark.parametrize("name", charge_policies())
def test_packs_fit_the_schema(name: str) -> None:
    assert fits(charge_policies()[name].read_text("utf-8"))


def test_policies_on_pages_fit_the_schema() -> None:
    found = [
        text
        for page in (DOCS / "how-to").glob("*.md")
        for text in re.findall(r"```toml[^\n]*\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
        if "\nscope = " in text
    ]
    assert found
    assert all(map(fits, found))


def test_every_form_of_a_condition_fits_the_schema() -> None:
    for name, fact in FACTS.items():
        for form in re.findall(r"`([^`]*)`", FORMS[fact.kind].format(name=name)):
            words = {"disposition": ("convicted", "dismissed"), "inchoate": ("attempt", "none")}.get(
                name, ("A", "B")
            )
            asked = re.sub(r"\bA\b", words[0], re.sub(r"\bB\b", words[1], form))
            assert fits(GOOD.replace('"level is felony"', json.dumps(asked))), asked


@pytest.mark.parametrize(
    ("good", "bad"),
    [
        ('title = "Good"', 'titel = "Good"'),
        ('scope = ["convicted"]', ""),
        ('["level is felony"]', '["levl is felony"]'),
        ('["level is felony"]', '["level == felony"]'),
        ('["level is felony"]', '["disposition is convict"]'),
        ('["level is felony"]', '"level is felony"'),
        ('["level is felony"]', '["grams < 30"]'),
        ("years since disposition_date", "years after disposition_date"),
        ("{years} years since disposition_date", "2 weeks since disposition_date"),
        ('then = "seal"', 'then = "sell"'),
        ('then = "seal"', 'then = "not-yet"'),
        ('cap = "two"', 'unknown = "yes"'),
        ("most = 2", "most = -1"),
        ("most = 2", 'most = 2\nby = "birthday"'),
        ('sections = ["1"]', 'sections = "1"'),
        ('sections = ["1"]', 'sections = ["1"], subsections = ["a"]'),
        ("[groups.drug-charges]", "[groups.Drugs]"),
        ("[[rule]]", "[rules]"),
    ],
)
def test_what_reading_refuses_does_not_fit(good: str, bad: str) -> None:
    assert fits(GOOD)
    assert not fits(GOOD.replace(good, bad, 1))


def test_keys_and_levels_are_those_of_their_lists() -> None:
    assert {*OF_CHARGES} == {*KEYS} - {*KEYS_OF_CONVICTIONS}
    assert [*LEVELS] == [*column_maps()["properties"]["values"]["properties"]["level"]["properties"]]
