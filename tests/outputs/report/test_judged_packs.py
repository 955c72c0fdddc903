"""What the pages give away under each policy pack: nothing, to whoever reads all of them and the pack."""

from pathlib import Path

import pytest

import clearscale
from clearscale.outputs.report.policy_words import plain_reason
from clearscale.policy import load_policy
from tests.support.examples import long
from tests.support.judged import Stores
from tests.support.published import pages_of, read_cells
from tests.support.published_packs import ReaderOfPolicy
from tests.support.reading_pages import figure
from tests.support.samples import AS_OF

PACKS = (
    "ca-bear-default",
    "ca-contra-costa-2019",
    "ca-dismiss-all",
    "ca-dismiss-all-and-related",
    "ca-los-angeles-2019",
    "ca-prop64-statute",
    "ca-sacramento-2019",
    "ca-san-francisco-2018",
    "ca-san-joaquin-2019",
)


@pytest.mark.long
@pytest.mark.parametrize(
    ("store", "pack"),
    [
        ("six", "ca-sacramento-2019"),
        *(long("six", pack) for pack in PACKS if pack != "ca-sacramento-2019"),
        *(long(store, pack) for store in ("five", "small") for pack in PACKS),
    ],
)
def test_pages_show_the_truth_or_hide_and_nothing_is_found(
    store: str, pack: str, stores: Stores, tmp_path: Path
) -> None:
    run = clearscale.run(str(stores[store]), pack, AS_OF, str(tmp_path / "run"))
    shown, exact = pages_of(run, 11), pages_of(run, None)
    texts, true = read_cells(shown), read_cells(exact)
    assert "hidden" in texts.values()
    for name, text in texts.items():
        if text != "hidden":
            assert not 0 < figure(text) < 11
            assert name not in true or text == true[name]
    assert ReaderOfPolicy(shown, exact, load_policy(pack)).findings() == []


def test_a_reason_in_the_policy_s_own_words_is_itself() -> None:
    """One that is nothing but a code section can be any text, and comes before the others."""
    policy = load_policy("ca-contra-costa-2019")
    assert "{code_section}" in policy.texts[1]
    assert plain_reason(policy, "Sentence Completed") == "Sentence Completed"
    assert plain_reason(policy, "11358(A) HS") == plain_reason(policy, "{code_section}") == "(code section)"


def test_all_packs_are_judged() -> None:
    folder = Path(clearscale.__file__).parent / "law/california/policies"
    assert {path.stem for path in folder.glob("*.toml")} == {*PACKS}
