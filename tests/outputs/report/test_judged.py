"""Nothing can be known of small counts by whoever reads all pages of a publication: many policies, three stores."""

import random
from pathlib import Path

import pytest

import clearscale
from clearscale.outputs.disclosure import publication
from clearscale.synth import fabricate
from clearscale.whatif.sweep.option_family import EVERYTHING
from tests.support.examples import long
from tests.support.published import DECIDED, IN_COUNTY, MISDEMEANOR, REASONS, Reader, pages_of, parts_of, read_cells
from tests.support.reading_pages import figure
from tests.support.samples import AS_OF, ingest

STORES = {"five": (5, 3000, 1), "small": (12, 1200, 5), "six": (6, 700, 3)}
"""How many counties, how many people, and a seed: the demo's state, one of small counties, one of few people."""

POLICIES = 300


class Stores(dict[str, Path]):
    """Stores by name, each made when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __missing__(self, name: str) -> Path:
        counties, people, seed = STORES[name]
        folder = self.folder / name
        made = fabricate(str(folder / "in"), counties=counties, people=people, seed=seed)
        ingest([extract.path for extract in made], folder / "store", block_bytes=2**25)
        return self.setdefault(name, folder / "store")


@pytest.fixture(scope="session")
def stores(tmp_path_factory: pytest.TempPathFactory) -> Stores:
    return Stores(tmp_path_factory.mktemp("judged"))


def numbers() -> list[int]:
    """Policies of the counties' options, by chance; the first few are tried each time."""
    return random.Random(12).sample(range(EVERYTHING.size), POLICIES)


def judged(store: Path, out: Path, number: int) -> list[object]:
    options = EVERYTHING.at(number).options()
    run = clearscale.run(str(store), options, AS_OF, str(out / "run"))
    return Reader(pages_of(run, 11), pages_of(run, None), options).findings()


@pytest.mark.parametrize(("store", "number"), [("six", numbers()[0]), long("five", numbers()[1])])
def test_nothing_is_found(store: str, number: int, stores: Stores, tmp_path: Path) -> None:
    assert judged(stores[store], tmp_path, number) == []


@pytest.mark.long
@pytest.mark.parametrize("part", range(10))
@pytest.mark.parametrize(("place", "store"), [*enumerate(STORES)])
def test_nothing_is_found_under_many_policies(
    place: int, store: str, part: int, stores: Stores, tmp_path: Path
) -> None:
    # Each policy on one of the stores: on all of them they take three quarters of an hour.
    for number in numbers()[place :: len(STORES)][part::10]:
        assert judged(stores[store], tmp_path / str(number), number) == [], f"policy {number}"


def test_the_judge_finds_what_is_hidden_by_sums_alone(
    stores: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that were not judged give counts away: so the judge that reads them sees it."""
    monkeypatch.setattr(publication, "_judged", lambda published, below: published)
    assert judged(stores["six"], tmp_path, numbers()[0])


def test_two_tables_that_are_one_by_the_policy_hide_the_same(stores: Stores, tmp_path: Path) -> None:
    """What is no felony is dismissed by the policy's first rule: a section's others are a reason's convictions."""
    options = EVERYTHING.at(numbers()[0]).options()
    run = clearscale.run(str(stores["six"]), options, AS_OF, str(tmp_path / "run"))
    hidden = 0
    for page in pages_of(run, 11).values():
        if IN_COUNTY not in page.tables or DECIDED not in page.tables:
            continue
        titles, *rows = page.tables[REASONS]
        reason = next((row for row in rows if row[1] == MISDEMEANOR), None)
        for row in page.tables[IN_COUNTY][1:-1]:
            other = reason[titles.index(row[0][:5])] if reason else "0"
            assert row[2] == other
            hidden += other == "hidden"
    assert hidden


@pytest.mark.long
def test_small_groups_are_counted_with_a_neighbor(stores: Stores, tmp_path: Path) -> None:
    """A few of unknown sex do not hide how many women there are."""
    run = clearscale.run(str(stores["five"]), EVERYTHING.at(numbers()[0]).options(), AS_OF, str(tmp_path / "run"))
    together, pages = 0, pages_of(run, 11)
    for name, exact in pages_of(run, None).items():
        page = pages[name]
        counted = {row[0]: int(row[1].replace(",", "")) for row in exact.tables["People by sex"][1:-1]}
        for row in page.tables.get("People by sex", [[""]])[1:-1]:
            parts = parts_of(row[0])
            number = sum(counted[part] for part in parts if part in counted)
            assert number > 10 or len(parts) == 1
            together += len(parts) > 1
            if row[0] == "Female":
                assert row[1] == f"{number:,}"
    assert together
    assert "Counted together: Male and " in pages["Los Angeles"].text


@pytest.mark.parametrize(
    "pack", ["ca-dismiss-all-and-related", long("ca-prop64-statute"), long("ca-sacramento-2019")]
)
def test_pages_of_other_policies_show_the_truth_or_hide(pack: str, stores: Stores, tmp_path: Path) -> None:
    run = clearscale.run(str(stores["six"]), pack, AS_OF, str(tmp_path / "run"))
    shown, true = (read_cells(pages_of(run, below)) for below in (11, None))
    assert "hidden" in shown.values()
    for name, text in shown.items():
        if text != "hidden":
            assert not 0 < figure(text) < 11
            assert name not in true or text == true[name]
