"""What CI tries of long loops: eight eighths are all of it, and none is empty."""

import pytest

from tests.support import examples


@pytest.mark.parametrize("length", [1, 2, 3, 7, 8, 9, 12, 40, 250])
@pytest.mark.parametrize("way", ["at_length", "three at least", "some"])
def test_eight_eighths_are_all(way: str, length: int, monkeypatch: pytest.MonkeyPatch) -> None:
    values = range(length)
    tried = {
        "at_length": lambda: examples.at_length(values),
        "three at least": lambda: examples.at_length(values, least=3),
        "some": lambda: examples.some(values),
    }[way]
    monkeypatch.setattr(examples, "is_long", lambda: True)
    monkeypatch.setattr(examples, "_eighth", None)
    assert [*tried()] == [*values]
    eighths = []
    for number in range(examples.PARTS):
        monkeypatch.setattr(examples, "_eighth", number)
        eighths.append([*tried()])
    assert {*values} == {value for eighth in eighths for value in eighth}
    assert all(min(length, 3 if way == "three at least" else 1) <= len(eighth) for eighth in eighths)
    if way == "at_length":
        assert max(map(len, eighths)) == -(-length // examples.PARTS)
