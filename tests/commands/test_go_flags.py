"""gogen's command line, by the rules of its flag parser."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.commands.go_flags import Flag, FlagError, HelpWanted, go_string, help_text, is_flag, parse
from clearscale.commands.main import main
from tests.support.examples import examples

FLAGS = [
    Flag("outputs", meaning="The folder in which to place result files"),
    Flag("county", "c", "The county for which eligibility will be computed"),
    Flag("file-name-suffix", hidden=True),
    Flag("eligibility-options", meaning="File containing options for which eligibility logic to apply"),
]


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ([], {}),
        (["-c=YOLO"], {"county": "YOLO"}),
        (["-cYOLO"], {"county": "YOLO"}),
        (["-c", "YOLO"], {"county": "YOLO"}),
        (["-c="], {"county": ""}),
        (["-c==YOLO"], {"county": "=YOLO"}),
        (["-county=YOLO"], {"county": "ounty=YOLO"}),
        (["-county", "YOLO"], {"county": "ounty"}),
        (["--county=YOLO"], {"county": "YOLO"}),
        (["--county", "YOLO"], {"county": "YOLO"}),
        (["--county="], {"county": ""}),
        (["--county", ""], {"county": ""}),
        (["--county==YOLO"], {"county": "=YOLO"}),
        (["--county", "-"], {"county": "-"}),
        (["--county", "---x"], {"county": "---x"}),
        (["--county=--x"], {"county": "--x"}),
        (["--county=YOLO", "-c", "KERN"], {"county": "KERN"}),
        (["more", "--county=YOLO", "-", "---", "", "and more"], {"county": "YOLO"}),
        (["--county=YOLO", "--", "--county=KERN", "--nothing"], {"county": "YOLO"}),
        (["--", "-h"], {}),
        (['--county="LOS ANGELES"'], {"county": "LOS ANGELES"}),
        (['-c="YOLO"'], {"county": "YOLO"}),
        (["--county", '"YOLO"'], {"county": "YOLO"}),
        (['--county=""'], {"county": ""}),
        (["--county='YOLO'"], {"county": "'YOLO'"}),
        (["--county=`YOLO`"], {"county": "`YOLO`"}),
        (['--county=YO"LO"'], {"county": 'YO"LO"'}),
        (['--county="A\\tB"'], {"county": "A\tB"}),
        (["--file-name-suffix=x", "--outputs", "o"], {"file-name-suffix": "x", "outputs": "o"}),
    ],
)
def test_what_is_taken(words: list[str], found: dict[str, str]) -> None:
    assert parse(words, FLAGS) == found


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--nothing"], "unknown flag `nothing'"),
        (["--nothing=1"], "unknown flag `nothing'"),
        (["--Outputs=x"], "unknown flag `Outputs'"),
        (["--output=x"], "unknown flag `output'"),
        (["-x"], "unknown flag `x'"),
        (["-xc=YOLO"], "unknown flag `x'"),
        (["-x=1"], "unknown flag `x'"),
        (["-o", "x"], "unknown flag `o'"),
        (["-c"], "expected argument for flag `-c, --county'"),
        (["--outputs"], "expected argument for flag `--outputs'"),
        (["--county", "--outputs=x"], "expected argument for flag `-c, --county', but got option `--outputs=x'"),
        (["-c", "-1"], "expected argument for flag `-c, --county', but got option `-1'"),
        (["--county", "--"], "expected argument for flag `-c, --county', but got double dash `--'"),
        (['--county="'], "invalid argument for flag `-c, --county' (expected string): invalid syntax"),
        (['--county="YO'], "invalid argument for flag `-c, --county' (expected string): invalid syntax"),
        (['--outputs="a"b"'], "invalid argument for flag `--outputs' (expected string): invalid syntax"),
        (["--help=1"], "bool flag `-h, --help' cannot have an argument"),
        (["-h=1"], "bool flag `-h, --help' cannot have an argument"),
        (["--nothing", "-h"], "unknown flag `nothing'"),
    ],
)
def test_what_is_not(words: list[str], message: str) -> None:
    with pytest.raises(FlagError) as refused:
        parse(words, FLAGS)
    assert str(refused.value) == message


@pytest.mark.parametrize("words", [["-h"], ["--help"], ["-hx"], ["more", "-c=YOLO", "-h", "--nothing"]])
def test_help(words: list[str]) -> None:
    with pytest.raises(HelpWanted):
        parse(words, FLAGS)


@settings(max_examples=examples(500))
@given(st.text(st.characters(exclude_characters="\0")), st.text(st.characters(exclude_characters="\0")))
def test_any_value_is_taken_as_it_stands(value: str, other: str) -> None:
    if value.startswith('"') or other.startswith('"'):
        return
    assert parse([f"--county={value}", f"--outputs={other}"], FLAGS) == {"county": value, "outputs": other}
    assert parse([f"-c={value}"], FLAGS) == {"county": value}
    if not is_flag(value) and value != "--":
        assert parse(["--outputs", value], FLAGS) == {"outputs": value}


@pytest.mark.parametrize(
    ("literal", "text"),
    [
        ('""', ""),
        ('"a b"', "a b"),
        ('"Ñ"', "Ñ"),
        (r'"\a\b\f\n\r\t\v\\\""', '\a\b\f\n\r\t\v\\"'),
        (r'"\x41\101\u00d1\U0001F600"', "AA\u00d1\U0001f600"),
        (r'"\xc3\x91"', "\u00d1"),
        (r'"\xff"', "\udcff"),
        ('"\udcff"', "\ufffd"),
        ('"', None),
        ('"a', None),
        ('a"', None),
        ('"a"b"', None),
        ('"a\nb"', None),
        (r'"\'"', None),
        (r'"\q"', None),
        (r'"\"', None),
        (r'"\x4"', None),
        (r'"\400"', None),
        (r'"\18"', None),
        (r'"\ud800"', None),
        (r'"\U00110000"', None),
    ],
)
def test_strings_of_go(literal: str, text: str | None) -> None:
    assert (go_string(literal) if literal.startswith('"') else None) == text


@settings(max_examples=examples(500))
@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_quoted_text_is_the_text(text: str) -> None:
    written = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    assert go_string(f'"{written}"') == text


def test_the_help_text() -> None:
    assert help_text("gogen", "run", FLAGS, 80) == (
        "Usage:\n"
        "  gogen [OPTIONS] run [run-OPTIONS]\n"
        "\n"
        "Help Options:\n"
        "  -h, --help                     Show this help message\n"
        "\n"
        "[run command options]\n"
        "          --outputs=             The folder in which to place result files\n"
        "      -c, --county=              The county for which eligibility will be\n"
        "                                 computed\n"
        "          --eligibility-options= File containing options for which eligibility\n"
        "                                 logic to apply\n"
    )


def test_exit_codes_and_where_it_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    for words, code, out, err in (
        (["-h"], 0, "Usage:\n  gogen [OPTIONS] run [run-OPTIONS]\n", ""),
        (["--help"], 0, "Usage:\n  gogen [OPTIONS] run [run-OPTIONS]\n", ""),
        (["--nothing"], 1, "", "unknown flag `nothing'\n"),
        (["-c"], 1, "", "expected argument for flag `-c, --county'\n"),
    ):
        with pytest.raises(SystemExit) as left:
            main(["gogen", "run", *words])
        said = capsys.readouterr()
        assert left.value.code == code
        assert said.out.startswith(out)
        assert bool(said.out) == bool(out)
        assert said.err == err
    with pytest.raises(SystemExit):
        main(["gogen", "run", "-h"])
    assert "file-name-suffix" not in capsys.readouterr().out
