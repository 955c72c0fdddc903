"""Names of findings: each stands on the reference page, and is that of something that is found."""

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.errors import PolicyError
from clearscale.law import state
from clearscale.policy import PACKS, Policy, choose
from clearscale.policy.check import check_policy
from clearscale.policy.findings import ALLOWABLE, KINDS, FoundError
from clearscale.policy.library import load_policy
from tests.support.examples import examples
from tests.support.policy_texts import HEAD, RULE, file, rule

AGE = "[parameters]\nage = { default = 50, min = 18, max = 120 }\n"


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (HEAD + RULE + rule("not felony"), "never-decides"),
        (HEAD + AGE + RULE, "unused-parameter"),
        (HEAD + '[determinations]\nlater = { text = "Later", relief = "none" }\n' + RULE, "unused-determination"),
        (HEAD + rule("felonny"), "condition"),
        (HEAD + rule("age >= " + "9" * 5000), "condition"),
        (HEAD + RULE.replace("because", "becuase"), "unknown-key"),
        (HEAD + RULE.replace("because", "because.x"), "wrong-type"),
        (HEAD + RULE.replace('["not felony"]', '["not felony", 3]'), "wrong-type"),
        (HEAD + RULE.replace('"Lesser"', "3"), "wrong-type"),
        (HEAD + RULE + "when = 3\n", "wrong-type"),
        (HEAD + "counties = [3]\n" + RULE, "wrong-type"),
        (HEAD + AGE.replace("50", "200") + rule("age >= {age}"), "out-of-range"),
        (HEAD + AGE.replace("18", "[18]") + rule("age >= {age}"), "wrong-type"),
        (HEAD + AGE.replace("default = 50, min = 18", "min = [18]") + rule("age >= {age}"), "missing"),
        (HEAD + AGE + rule("age >= {age}", because="{agee}"), "unknown-parameter"),
        (HEAD + RULE + 'summary_section = "11361"\n', "unknown-section"),
        (HEAD + 'jurisdiction = "California"\ncounties = ["KERNN"]\n' + RULE, "unknown-county"),
        (HEAD + 'charges = "prop65"\n' + RULE, "unknown-word"),
        (HEAD, "missing"),
        (HEAD + HEAD + RULE, "syntax"),
        (HEAD + RULE + "x = " + "9" * 5000, "syntax"),
        (HEAD + 'extends = "ca-bear"\n', "no-policy"),
        (HEAD + "\n".join(rule(f"priors == {number}") for number in range(65)), "too-many-rules"),
        ("x = " + "[" * 20_000, "nesting"),
        ("x = " + "[" * 20_000 + "]" * 20_000, "nesting"),
        ("x = " + "{a=" * 20_000 + "1" + "}" * 20_000, "nesting"),
        (".".join("x" * 20_000) + " = 1\n" + HEAD + RULE, "nesting"),
        (".".join("x" * 500) + " = 1\n" + HEAD + RULE, "unknown-key"),
        ("\ufeff" + HEAD + RULE, "encoding"),
        ("#" * (4 * 2**20 + 1), "length"),
        (HEAD + RULE.replace("Lesser", r"Lesser\u001B[2J"), "control-character"),
        (HEAD + RULE.replace("Lesser", r"Les\u202Eser"), "control-character"),
        (HEAD + RULE.replace("Lesser", r"Lesser\nclearscale: done"), "control-character"),
        (HEAD.replace('title = "', r'title = "\u0007'), "control-character"),
        (HEAD + 'counties = ["KE\\u200BRN"]\n' + RULE, "control-character"),
        (HEAD + AGE.replace("age", r'"a\u001Bge"') + RULE, "control-character"),
        (HEAD + 'determinations."x\\u009B" = { text = "Later", relief = "none" }\n' + RULE, "control-character"),
        (HEAD + 'sources = [{ title = "A\\u007F", where = "B", confidence = "H" }]\n' + RULE, "control-character"),
    ],
)
def test_what_is_wrong_with_a_policy_file_has_a_name(tmp_path: Path, content: str, name: str) -> None:
    path = tmp_path / "county.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(FoundError) as refused:
        choose(str(path))
    assert name in {finding.name for finding in refused.value.findings}
    assert {finding.name for finding in check_policy(str(path))} >= {name}
    if name in ALLOWABLE:
        chosen = choose(str(path), allow=[name])
        assert chosen.policy == load_policy(str(path))
        assert [finding.name for finding in chosen.allowed] == [name]


def test_other_encodings_are_named(tmp_path: Path) -> None:
    path = tmp_path / "county.toml"
    for content in ((HEAD + RULE).encode("utf-16"), (HEAD + RULE).replace("Lesser", "Müller").encode("latin-1")):
        path.write_bytes(content)
        with pytest.raises(FoundError) as refused:
            choose(str(path))
        assert [finding.name for finding in refused.value.findings] == ["encoding"]


def test_a_long_chain_of_policies_is_refused(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number}.toml").write_text(f'id = "x"\ntitle = "X"\nextends = "{number + 1}.toml"\n')
    with pytest.raises(FoundError, match="policies that extend one another"):
        choose(str(tmp_path / "0.toml"))


def test_what_decompresses_to_nothing_is_refused(tmp_path: Path) -> None:
    for ending in ("gz", "zst", "bz2", "xz", "zip"):
        path = tmp_path / f"policy.toml.{ending}"
        path.write_bytes(b"no archive at all")
        with pytest.raises(PolicyError):
            choose(str(path))
    with pytest.raises(FoundError, match="has more than"):
        choose("/dev/zero")
    with pytest.raises(FoundError, match="there is no policy"):
        choose(str(tmp_path))


def test_a_map_tells_of_what_is_doubtful_in_its_files(tmp_path: Path) -> None:
    file(tmp_path, rule("felony"), rule("felony"))
    (tmp_path / "options.json").write_text('{"baselineElig": {"dismiss": ["11357"]}}')
    chosen = tmp_path / "map.toml"
    chosen.write_text('[default]\npolicy = "county.toml"\n[counties.KERN]\npolicy = "options.json"\n')
    with pytest.raises(FoundError) as refused:
        choose(str(chosen))
    names = [finding.name for finding in refused.value.findings]
    assert names == ["unknown-option", "nothing-chosen", "never-decides"]
    assert choose(str(chosen), allow=names).policy == load_policy(str(chosen))


# Packs, damaged: refused, found, or of the same rules.

TEXTS = {name: state().policies.read(name).decode("utf-8") for name in PACKS}
DAMAGES = ("drop", "double", "typo", "bare", "number", "list", "cut")


def damaged(line: str, how: str) -> str:
    key, equals, value = line.partition(" = ")
    if how == "drop":
        return ""
    if how == "double":
        return f"{line}\n{line}"
    if how == "cut":
        return line[: len(line) // 2]
    if not equals:
        return line.replace("[", "[[", 1)
    return {
        "typo": f"{key}x = {value}",
        "bare": f"{key} = x{value}",
        "number": f"{key} = 3",
        "list": f"{key} = [[{value.rstrip(',')}]]",
    }[how]


def found_in_file(path: Path) -> Policy | None:
    """The policy of a file; None if it is refused, for something that has a name."""
    with contextlib.suppress(FoundError):
        return load_policy(str(path))  # type: ignore[return-value]
    with pytest.raises(FoundError) as refused:
        load_policy(str(path))
    assert {finding.name for finding in refused.value.findings} <= set(KINDS)
    assert all(finding.where == str(path) for finding in refused.value.findings)
    return None


@settings(max_examples=examples(400))
@given(st.data())
def test_a_damaged_pack_is_refused_or_of_the_same_rules(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    name = data.draw(st.sampled_from(PACKS))
    lines = TEXTS[name].splitlines()
    at = data.draw(st.integers(0, len(lines) - 1))
    how = data.draw(st.sampled_from(DAMAGES))
    before = lines[at]
    lines[at] = damaged(before, how)
    path = tmp_path_factory.getbasetemp() / "damaged.toml"
    path.write_text("\n".join(lines), "utf-8")
    policy = found_in_file(path)
    # A statement that may be left out is not missed where its whole line is.
    if policy is not None and how != "drop":
        same = load_policy(name)
        assert [rule.conditions for rule in policy.rules] == [rule.conditions for rule in same.rules]
        assert [rule.is_worth for rule in policy.rules] == [rule.is_worth for rule in same.rules]


def test_a_text_of_several_lines_is_what_a_reader_should_know(tmp_path: Path) -> None:
    path = tmp_path / "county.toml"
    path.write_text(HEAD + 'about = """\nFirst.\nSecond, José\u00a0Núñez.\n"""\n' + RULE, "utf-8")
    assert check_policy(str(path)) == []


def test_a_policy_in_memory_has_no_character_that_nobody_sees() -> None:
    policy = load_policy("ca-dismiss-all")
    assert isinstance(policy, Policy)
    for changed in ({"id": "a\x1b"}, {"title": "a\u202eb"}, {"counties": ("KERN\n",)}):
        with pytest.raises(PolicyError, match="a character that nobody sees"):
            replace(policy, **changed)
    with pytest.raises(PolicyError, match="a character that nobody sees"):
        replace(policy, rules=(replace(policy.rules[0], reason="a\x9bb"),))
