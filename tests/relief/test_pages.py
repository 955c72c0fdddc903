"""Pages that are made from the code and from packs say what these say."""

from pathlib import Path

import pytest

import clearscale
from clearscale.relief import read_policy
from clearscale.relief.pages import pages

DOCS = Path(clearscale.__file__).parent.parent / "docs"


@pytest.mark.parametrize("path", pages(DOCS))
def test_a_page_is_what_the_code_says(path: str) -> None:
    assert (DOCS / path).read_text("utf-8") == pages(DOCS)[path], (
        "write them: python -m clearscale.relief.pages docs"
    )


def test_the_example_of_the_language_can_be_read() -> None:
    page = (DOCS / "reference/charge-policies.md").read_text("utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    assert len(read_policy(example, "example").policy().rules) == 3
