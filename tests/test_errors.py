"""Messages name options to who gave a command, and arguments to who called a function."""

import pytest

from clearscale.errors import ClearscaleError, in_python, said_in_shell

SAID = "a.csv: refused. Pass it by name: --accept bad-records --accept zero-bytes, or `clearscale check --store X`"


def test_in_the_words_of_the_interface_in_use() -> None:
    error = ClearscaleError(SAID)
    assert 'by name: accept=["bad-records", "zero-bytes"], or `clearscale check --store X`' in str(error)
    with said_in_shell():
        assert str(error) == SAID
    assert error.args == (SAID,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("say where it is now with --store", "say where it is now with store"),
        ("write --row 12", "write row=12"),
        ("name --keep SNAPSHOTS or --quarantine-days DAYS", "name keep=SNAPSHOTS or quarantine_days=DAYS"),
        ("with --on-bad-record quarantine sets", 'with on_bad_record="quarantine" sets'),
        ("--allow unknown-key", 'allow=["unknown-key"]'),
        ("--vary age: no setting is given", "vary age: no setting is given"),
        ("a file called x--out.csv", "a file called x--out.csv"),
    ],
)
def test_options_as_arguments(text: str, said: str) -> None:
    assert in_python(text) == said
