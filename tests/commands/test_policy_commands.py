"""`clearscale policies ...` and `run --set`; the pages and the schema that are made from the policies."""

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest

import clearscale
from clearscale.commands.main import main
from clearscale.law import state
from clearscale.policy import FACTS, PACKS
from clearscale.policy.language import CHARGES, DETERMINATIONS, KEYS, PARAMETER_KEYS, RELIEFS, RULE_KEYS
from clearscale.policy.pages import NO_ADVICE, pages
from clearscale.policy.schema import policy_schema
from clearscale.relief.packs import names
from tests.support.policy_texts import check_policy
from tests.support.samples import ACCEPTING, AS_OF, OPTIONS, extract, put

DOCS = Path(__file__).parents[2] / "docs"


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """(exit code, standard output, standard error) of a command."""
    with pytest.raises(SystemExit) as left:
        main(arguments)
    printed = capsys.readouterr()
    return int(left.value.code or 0), printed.out, printed.err


def test_list(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "policies", "list")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(PACKS)
    code, out, _ = call(capsys, "policies", "list", "--json")
    assert [policy["id"] for policy in json.loads(out)] == list(PACKS)


@pytest.mark.parametrize("name", PACKS)
def test_show(capsys: pytest.CaptureFixture[str], name: str) -> None:
    code, out, _ = call(capsys, "policies", "show", name)
    assert code == 0
    assert NO_ADVICE in out
    assert "source: " in out
    code, out, _ = call(capsys, "policies", "show", name, "--json")
    document = json.loads(out)
    assert document["id"] == name
    assert document["rules"]


def test_show_puts_parameters_in_place(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = call(capsys, "policies", "show", "ca-los-angeles-2019", "--set", "age=57")
    assert "parameter: age = 57 (between 18 and 120)" in out
    assert "Eligible for Dismissal: 57 years or older\n   if age >= 57\n" in out
    code, _, err = call(capsys, "policies", "show", "ca-los-angeles-2019", "--set", "agee=57")
    assert (code, err) == (1, "clearscale: ca-los-angeles-2019: 'agee' is no parameter; did you mean 'age'?\n")
    code, _, err = call(capsys, "policies", "show", "ca-los-angeles-2019", "--set", "age")
    assert (code, err) == (1, "clearscale: --set age: write NAME=VALUE, such as --set age=55\n")


def test_check(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    good = 'id = "x"\ntitle = "X"\n[[rule]]\nif = ["felony"]\nthen = "dismiss"\nbecause = "all"\n'
    path = put(tmp_path, "x.toml", good.encode())
    assert call(capsys, "policies", "check", path) == (0, f"{path}: nothing is wrong\n", "")
    put(tmp_path, "x.toml", good.replace("felony", "felonny").encode())
    code, out, err = call(capsys, "policies", "check", path)
    assert (code, err) == (1, "")
    assert out == f"{path}: rule 1 (\"all\"): 'felonny': 'felonny' is no fact; did you mean 'felony'? [condition]\n"
    code, out, _ = call(capsys, "policies", "check", path, "--json")
    assert code == 1
    assert len(json.loads(out)["findings"]) == 1
    for name in PACKS:
        assert call(capsys, "policies", "check", name)[0] == 0


def test_schema_is_json(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = call(capsys, "policies", "schema")
    assert code == 0
    assert json.loads(out) == policy_schema()


def test_run_takes_parameters(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    given = ("--store", store, "--county=LOS ANGELES", "--quiet", *ACCEPTING)
    call(capsys, "ingest", put(tmp_path, "x.csv", extract("LOS ANGELES")), *given)
    for age in ("40", "90"):
        out = str(tmp_path / age)
        arguments = ("--store", store, "--policy", "ca-los-angeles-2019", "--as-of", AS_OF, "--out", out)
        code, _, err = call(capsys, "run", *arguments, "--set", f"age={age}", "--quiet")
        assert (code, err) == (0, "")
        recorded = json.loads((tmp_path / age / "run.json").read_text())["policy"]
        assert dict(recorded["parameters"])["age"] == int(age)
        assert f"{age} years or older" in [rule["reason"] for rule in recorded["rules"]]
    code, _, err = call(capsys, "run", *arguments, "--set", "age=130")
    assert code == 1
    assert "parameter 'age' is 130; it should be between 18 and 120" in err or "'130'" in err


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom clearscale.commands.main import main\n"
        "try:\n    main(['policies', '--help'])\nexcept SystemExit:\n    pass\n"
        "print([name for name in ('numpy', 'pyarrow', 'numba', 'dask', 'distributed') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("path", pages())
def test_pages_are_those_of_the_code(path: str) -> None:
    assert (DOCS / path).read_text("utf-8") == pages()[path], "write them: python -m clearscale.policy.pages docs"


def test_every_pack_has_a_page_and_nothing_else_has() -> None:
    assert {path.stem for path in (DOCS / "policies").glob("*.md")} == {*PACKS, *names(), "README", "charges"}
    assert all(NO_ADVICE in (DOCS / "policies" / f"{name}.md").read_text("utf-8") for name in PACKS)


def test_every_fact_is_on_its_page() -> None:
    page = (DOCS / "reference/facts.md").read_text("utf-8")
    assert [name for name in FACTS if f"| `{name}` |" not in page] == []


def validator() -> Any:
    # Takes seconds to import where all its formats are installed: every process that collects tests would pay.
    from jsonschema import Draft202012Validator

    return Draft202012Validator


def fits(value: Any) -> bool:
    """Whether a document fits the schema of policies."""
    return bool(validator()(policy_schema()).is_valid(value))


def plain(value: Any) -> Any:
    """A document as an editor turns it into JSON: dates are texts."""
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list):
        return [plain(part) for part in value]
    return value if isinstance(value, str | int | bool) else str(value)


def test_the_schema_is_one() -> None:
    validator().check_schema(policy_schema())


def blocks(page: str) -> list[str]:
    """Policies in a page of the documentation."""
    found = re.findall(r"```toml[^\n]*\n(.*?)```", (DOCS / page).read_text("utf-8"), re.DOTALL)
    return [block for block in found if ("[[rule]]" in block or "extends" in block) and "title" in block]


@pytest.mark.parametrize("name", PACKS)
def test_packs_fit_the_schema(name: str) -> None:
    text = state().policies.read(name).decode()
    assert fits(plain(tomllib.loads(text)))


def test_documented_policies_fit_the_schema() -> None:
    texts = [*blocks("how-to/write-a-policy.md"), *blocks("reference/policy-language.md")]
    assert sum("extends" in text for text in texts) == 2
    assert all(fits(plain(tomllib.loads(text))) for text in texts)


RULE = {"if": ["felony", "age >= {age}"], "then": "dismiss", "because": "x"}
GOOD = {"id": "x", "title": "X", "rule": [RULE]}


@pytest.mark.parametrize(
    "change",
    [
        {"tilte": "x"},
        {"id": "Kern County"},
        {"title": ""},
        {"title": 3},
        {"charges": "prop46"},
        {"counties": "KERN"},
        {"rule": []},
        {"rule": {}},
        {"rule": [RULE | {"if": ["felonny"]}]},
        {"rule": [RULE | {"if": ["not age >= 3"]}]},
        {"rule": [RULE | {"if": ["age => 3"]}]},
        {"rule": [RULE | {"if": ["age >= 3.5"]}]},
        {"rule": [RULE | {"if": ["section == 11361"]}]},
        {"rule": [RULE | {"if": ["section > 11357"]}]},
        {"rule": [RULE | {"if": ["event_date < 2016"]}]},
        {"rule": [RULE | {"if": ["charge has 1"]}]},
        {"rule": [RULE | {"if": ["code_section starts with 'A'"]}]},
        {"rule": [RULE | {"if": "felony"}]},
        {"rule": [RULE | {"when": "soft"}]},
        {"rule": [RULE | {"summary_section": "11361"}]},
        {"rule": [RULE | {"becuase": "x"}]},
        {"rule": [{"if": ["felony"], "because": "x"}]},
        {"parameters": {"age": 3}},
        {"parameters": {"age": {"min": 3, "max": 4}}},
        {"parameters": {"age": {"default": 3.5}}},
        {"determinations": {"later": {"text": "Later"}}},
        {"determinations": {"later": {"text": "Later", "relief": "some"}}},
        {"sources": [{"title": "x", "where": "y", "confidence": "Z"}]},
        {"sources": [{"title": "x", "confidence": "H"}]},
    ],
)
def test_what_does_not_fit_the_schema(change: dict[str, Any]) -> None:
    assert fits(GOOD)
    assert not fits({**GOOD, **change})


@pytest.mark.parametrize("key", GOOD)
def test_what_a_policy_must_have(key: str) -> None:
    assert not fits({name: value for name, value in GOOD.items() if name != key})


def test_the_how_to_s_policy_is_right(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    page = (DOCS / "how-to/write-a-policy.md").read_text("utf-8")
    policy = page.partition("```toml kern.toml\n")[2].partition("```")[0]
    path = put(tmp_path, "kern.toml", policy.encode())
    assert call(capsys, "policies", "check", path)[1] == f"{path}: nothing is wrong\n"
    last = policy.rindex("[[rule]]")
    late = '[[rule]]\nif = ["age >= 60"]\nthen = "dismiss"\nbecause = "60 or older"\n\n'
    put(tmp_path, "kern.toml", (policy[:last] + late + policy[last:]).encode())
    found = call(capsys, "policies", "check", path)[1]
    assert found.replace(path, "kern.toml") in page

    put(tmp_path, "kern.toml", policy.encode())
    variant = put(tmp_path, "kings.toml", page.partition("```toml kings.toml\n")[2].partition("```")[0].encode())
    assert call(capsys, "policies", "check", variant)[1] == f"{variant}: nothing is wrong\n"


def test_the_language_page_s_variant_is_right(tmp_path: Path) -> None:
    (variant,) = blocks("reference/policy-language.md")
    assert check_policy(put(tmp_path, "merced.toml", variant.encode())) == []


def test_a_variant_needs_no_rule() -> None:
    assert fits({"id": "x", "title": "X", "extends": "ca-bear-default"})
    assert not fits({"id": "x", "title": "X", "extends": ""})


def test_the_language_page_names_every_key() -> None:
    page = (DOCS / "reference/policy-language.md").read_text("utf-8")
    for key in (*KEYS, *RULE_KEYS, *PARAMETER_KEYS, *DETERMINATIONS, *RELIEFS, *CHARGES):
        assert re.search(rf"[`\[ ,{{]{re.escape(key)}[`\] ,]", page), key
    for text, _ in DETERMINATIONS.values():
        assert text in page


def test_the_language_page_s_map_is_right(tmp_path: Path) -> None:
    page = (DOCS / "reference/policy-language.md").read_text("utf-8")
    maps = [block for block in re.findall(r"```toml\n(.*?)```", page, re.DOTALL) if "[default]" in block]
    put(tmp_path, "kern.toml", b'id = "k"\ntitle = "K"\n[[rule]]\nif = []\nthen = "maybe"\nbecause = "x"\n')
    assert [check_policy(put(tmp_path, "map.toml", text.encode())) for text in maps] == [[]]


TYPO = {**OPTIONS, "additionalRelief": {"subjectAgeTreshold": 57, "subjectIsDeceased": True}}


def test_a_run_refuses_what_check_finds_unless_it_is_allowed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    store = str(tmp_path / "store")
    call(
        capsys,
        "ingest",
        put(tmp_path, "x.csv", extract("LOS ANGELES")),
        "--store",
        store,
        "--county=LOS ANGELES",
        "--quiet",
        *ACCEPTING,
    )
    path = put(tmp_path, "policy.json", json.dumps(TYPO).encode())
    out = tmp_path / "run"
    given = ("--store", store, "--policy", path, "--as-of", AS_OF, "--out", str(out), "--quiet")
    line = f"{path}: 'additionalRelief.subjectAgeTreshold' is no option; did you mean 'subjectAgeThreshold'?"
    refused = f"clearscale: {line}\nIf that is meant all the same: --allow unknown-option\n"
    assert call(capsys, "policies", "check", path) == (1, f"{line} [unknown-option]\n", "")
    assert call(capsys, "run", *given) == (1, "", refused)
    assert not out.exists()
    assert call(capsys, "run", *given, "--allow", "null") == (1, "", refused)
    wrong = "clearscale: --allow unknown-options: there is no such finding; did you mean 'unknown-option'?\n"
    assert call(capsys, "run", *given, "--allow", "unknown-options") == (1, "", wrong)
    assert call(capsys, "run", *given, "--allow", "null", "--allow", "unknown-option") == (0, "", "")
    assert json.loads((out / "run.json").read_text())["allowed"] == [{"finding": "unknown-option", "message": line}]
    sweep = ("sweep", *given[:-2], str(tmp_path / "sweep"), "--vary", "age=0,40", "--quiet")
    assert call(capsys, *sweep) == (1, "", refused)
    assert call(capsys, *sweep, "--allow", "unknown-option")[0] == 0
    recorded = json.loads((tmp_path / "sweep/sweep.json").read_text())
    assert recorded["allowed"] == [{"finding": "unknown-option", "message": line}]


def test_what_python_is_given_is_checked_the_same(tmp_path: Path) -> None:
    store = tmp_path / "store"
    clearscale.ingest(
        [put(tmp_path, "x.csv", extract("LOS ANGELES"))], store, county="LOS ANGELES", accept=ACCEPTING[1::2]
    )
    with pytest.raises(clearscale.PolicyError, match="did you mean 'subjectAgeThreshold'"):
        clearscale.run(store, TYPO, AS_OF, tmp_path / "run")
    run = clearscale.run(store, TYPO, AS_OF, tmp_path / "run", allow=["unknown-option"])
    assert [finding["finding"] for finding in run.info["allowed"]] == ["unknown-option"]
    sweep = clearscale.sweep(store, OPTIONS, AS_OF, ["age=0,40"], tmp_path / "sweep")
    assert sweep.info["allowed"] == []
    with pytest.raises(clearscale.PolicyError, match="did you mean 'subjectAgeThreshold'"):
        sweep.look_up(TYPO)
