"""Extracts whose records say of few subjects now this and now that, and ways to cut the work on them."""

from collections.abc import Sequence

from hypothesis import strategies as st

from .samples import Row, conviction

SAYS = {
    "CII_NUMBER": ["A00000001", "A00000002", "1", "a00000001", "", " ", "NULL"],
    "PRI_NAME": ["DOE,PAT", "doe  pat", "ROE,SAM", "", "UNKNOWN"],
    "PRI_DOB": ["19700101", "19700102", "", "00000000", "1970-01-01", "19700100"],
    "GENDER": ["M", "MALE", "F", "", "U"],
}
"""What records say, most of it of one person."""


@st.composite
def says(draw: st.DrawFn) -> dict[str, str]:
    return {name: draw(st.sampled_from([texts[0]] * 12 + texts)) for name, texts in SAYS.items()}


Drawn = Sequence[tuple[int, dict[str, str]]]
"""Records: of which subject each is, and what it says of the person."""

RECORDS: st.SearchStrategy[Drawn] = st.lists(st.tuples(st.integers(1, 3), says()), min_size=1, max_size=14)
CUTS = st.fixed_dictionaries(
    {
        "block_bytes": st.sampled_from([700, 1500, 2**16]),
        "group_blocks": st.sampled_from([1, 2, 32]),
        "buckets": st.sampled_from([1, 2, 4, 16]),
        "cluster": st.sampled_from(["threads:1", "threads:2"]),
    }
)


def records_of(county: str, drawn: Drawn) -> list[Row]:
    return [conviction(f"s{subject}", county, count, **said) for count, (subject, said) in enumerate(drawn, 1)]
