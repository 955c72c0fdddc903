"""Groups: what must not come together does not, by whatever way."""

from hypothesis import given, settings
from hypothesis import strategies as st

from clearscale.linking.grouping import Groups, Link, doubts
from tests.support.examples import examples

ends = st.tuples(st.integers(0, 7), st.integers(0, 7))


@settings(max_examples=examples(1_000))
@given(st.lists(ends, max_size=6), st.lists(ends, max_size=15))
def test_what_is_apart_stays_apart_and_all_else_is_joined(
    apart: list[tuple[int, int]], links: list[tuple[int, int]]
) -> None:
    groups = Groups.single(8)
    apart = [pair for pair in apart if groups.separate(*pair)]
    groups.follow(Link(0.9, *pair, "") for pair in links)
    assert not any(groups.of(left) == groups.of(right) for left, right in apart)
    refused = {(link.left, link.right) for link in groups.refused}
    for left, right in links:
        assert (groups.of(left) == groups.of(right)) or ((left, right) in refused and groups.are_apart(left, right))
    if not apart:
        assert not refused
    assert all(groups.of(element) <= element for element in range(8))


def test_a_doubt_is_told_once_for_two_groups_and_not_where_it_was_answered() -> None:
    groups = Groups.single(6)
    groups.join(0, 1)
    groups.join(2, 3)
    groups.separate(4, 5)
    links = [Link(0.9, 0, 1, ""), Link(0.9, 1, 2, "best"), Link(0.85, 0, 3, ""), Link(0.8, 4, 5, "")]
    assert [link.agreed for link in doubts(groups, links)] == ["best"]
