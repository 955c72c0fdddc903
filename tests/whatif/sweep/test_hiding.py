"""A sweep's page gives no few people away: by a figure, by the difference of two, or by what lies between them."""

import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import clearscale
from clearscale.runs.tally import MEASURES
from clearscale.whatif.sweep.hiding import FIGURES_SHOWN, visible
from tests.support.examples import examples
from tests.support.judges import Program, ranges
from tests.support.reading_pages import figure, read
from tests.support.samples import AS_OF, OPTIONS

BELOW = 11
DISMISSED, REDUCED, RELIEF, FELONY = *FIGURES_SHOWN[:2], "people_some_relief", "people_no_felony"


def counted(seed: int, people: int, steps: int) -> dict[str, np.ndarray]:
    """Figures along a threshold. Atoms are convictions by the step that dismisses them and what they had before,
    people by the steps that give them relief and take their last felony."""
    chance = random.Random(seed)
    atoms: Counter[tuple[str, int, int]] = Counter()
    for _ in range(people):
        first = chance.choice([0, 0, *range(steps + 1)])
        last = max(first, chance.randint(0, steps))
        atoms.update([("conviction", first, chance.randint(0, 1)), ("person", first, last)])
    figures = {}
    for name in FIGURES_SHOWN:
        found = [sum(n * holds(name, step, *atom) for atom, n in atoms.items()) for step in range(steps)]
        figures[name] = np.array(found)
    return figures


def holds(name: str, step: int, kind: str, first: int, other: int) -> bool:
    """Whether a figure counts an atom at a step."""
    if kind == "conviction":
        return (name == DISMISSED and step >= first) or (name == REDUCED and step < first and other == 1)
    return (name == RELIEF and step >= first) or (name.startswith("people_no") and step >= other)


@settings(derandomize=True, deadline=None, database=None, max_examples=examples(60))
@given(st.integers(0, 10**6), st.sampled_from([8, 40, 90, 200]), st.integers(1, 7))
@example(8876, 40, 5)
def test_no_step_of_a_threshold_is_known(seed: int, people: int, steps: int) -> None:
    figures = counted(seed, people, steps)
    told = visible(figures, range(steps))
    program = Program()
    every = [("conviction", first, had) for first in range(steps + 1) for had in (0, 1)]
    every += [("person", first, other) for first in range(steps + 1) for other in range(first, steps + 1)]
    forms = {
        (name, step): {program.atom(atom): 1.0 for atom in every if holds(name, step, *atom)}
        for name in FIGURES_SHOWN
        for step in range(steps)
    }
    for (name, step), form in forms.items():
        value = int(figures[name][step])
        if told[name][step]:
            assert not 0 < value < BELOW
            program.row(value, value, (1, form))
    secrets, values = [], []
    for (name, step), form in forms.items():
        near = [(name, other) for other in range(steps)] + ([(RELIEF, step)] if name == FELONY else [])
        for other in [None, *near]:
            rest = int(figures[name][step]) - (int(figures[other[0]][other[1]]) if other else 0)
            difference = dict(form)
            for atom, factor in forms[other].items() if other else ():
                difference[atom] = difference.get(atom, 0) - factor
            if 0 < abs(rest) < BELOW:
                secrets.append({atom: factor for atom, factor in difference.items() if factor})
                values.append(rest)
    for least, most in ranges(program, secrets, values, BELOW):
        assert np.floor(most + 1e-6) - np.ceil(least - 1e-6) + 1 >= BELOW


def test_enough_is_shown() -> None:
    figures = {name: np.arange(0, 1000, 20) for name in FIGURES_SHOWN}
    assert all(shown.all() for shown in visible(figures, range(50)).values())
    told = visible({name: np.arange(0, 60, 3) for name in FIGURES_SHOWN}, range(20))
    assert [place for place in range(20) if told[DISMISSED][place]] == [0, 4, 8, 12, 16]


@pytest.fixture(scope="module")
def swept(six_counties: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("swept") / "sweep"
    vary = {"age": [0, *range(40, 66)], "years_since": [0, 5, 6, 7]}
    clearscale.sweep(str(six_counties / "store"), OPTIONS, AS_OF, vary, str(out))
    return out


def test_the_page_shows_the_table_or_hides(swept: Path) -> None:
    page, table = read(swept / "chart.html"), clearscale.open_sweep(str(swept)).table()
    hidden = 0
    known: dict[int, list[int]] = {column: [] for column in range(6)}
    for name in ("age", "years_since"):
        for _, *texts in page.tables[f"Values along {name}"][1:]:
            for column, text in enumerate(texts):
                hidden += text == "hidden"
                if text != "hidden":
                    known[column].append(figure(text))
    assert hidden
    for column, values in known.items():
        assert len(values) > 3, column
        gaps = [abs(one - other) for one in [0, *values] for other in values]
        assert not [gap for gap in gaps if 0 < gap < BELOW]
    assert set(known[2]) <= {*table.column(f"people_{MEASURES[0]}").to_pylist()}
    assert "are not for publication" in page.text
    assert "Publish this page alone: no report of the same records was judged with it." in page.text
    assert not [value for value in page.text.split() if value == "nan"]
