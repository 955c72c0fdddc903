"""Records to people: what a person said of pairs counts first, then scores, the highest first."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from clearscale_kernels.arrays import Bools, Int64s

from .records import Records
from .scoring import Float64s, Pairs


@dataclass(frozen=True)
class Elements:
    """What is put together as a whole: records of one identity that are surely one person's, or those of one case.

    Parameters
    ----------
    of_record
        The element of each record. Elements are in the order of identities, then of records.
    first
        The first record of each.
    bounds
        Elements of identity i are bounds[i] to bounds[i + 1].
    """

    of_record: Int64s
    first: Int64s
    bounds: Int64s


@dataclass(frozen=True)
class Link:
    """Two elements, left < right, that are one person's with this probability; agreed: what they agree in."""

    score: float
    left: int
    right: int
    agreed: str


def elements_of(records: Records, whole: Bools) -> Elements:
    """Take records of an identity together: of all cases, or only those of each case.

    Parameters
    ----------
    records
        The records.
    whole
        Whether all records of an identity are surely one person's, for each identity.

    Returns
    -------
    Elements
    """
    case = np.where(whole[records.who], -1, records.case)
    order = np.lexsort((np.arange(case.size), case, records.who))
    who, cases = records.who[order], case[order]
    begins = np.ones(order.size, np.bool_)
    begins[1:] = (who[1:] != who[:-1]) | (cases[1:] != cases[:-1])
    # Numbers of cases are those in which they were met: elements of an identity are put into the order of records.
    starts = np.flatnonzero(begins)
    ranked = np.lexsort((order[starts], who[starts]))
    number = np.empty(starts.size, np.int64)
    number[ranked] = np.arange(starts.size)
    of_record = np.empty(order.size, np.int64)
    of_record[order] = number[np.cumsum(begins) - 1]
    bounds = np.searchsorted(who[starts][ranked], np.arange(len(records.identities) + 1))
    return Elements(of_record, order[starts][ranked], bounds)


def links_of(elements: Elements, pairs: Pairs, again: Float64s, doubtful: float) -> list[Link]:
    """What scores of identities say of elements, the highest first; again: see `repeated`.

    Where an identity has several elements, each is linked with the first of the other: what is between the others
    follows from that.
    """
    found = []
    bounds = elements.bounds.tolist()
    for place in np.flatnonzero((np.diff(elements.bounds) > 1) & (again >= doubtful)).tolist():
        score, first = float(again[place]), bounds[place]
        found += [Link(score, first, other, "all that is said") for other in range(first + 1, bounds[place + 1])]
    listed = zip(pairs.left.tolist(), pairs.right.tolist(), pairs.score.tolist(), pairs.agreed, strict=True)
    for left, right, score, agreed in listed:
        (a, a_end), (b, b_end) = bounds[left : left + 2], bounds[right : right + 2]
        found += [Link(score, a, other, agreed) for other in range(b, b_end)]
        found += [Link(score, other, b, agreed) for other in range(a + 1, a_end)]
    return sorted(found, key=lambda link: (-link.score, link.left, link.right))


@dataclass
class Groups:
    """Elements in groups, of which some must not come together.

    refused: links that were not followed, since a person said that they are different.
    """

    above: list[int]
    apart: dict[int, set[int]] = field(default_factory=dict)
    refused: list[Link] = field(default_factory=list)

    @classmethod
    def single(cls, elements: int) -> "Groups":
        """Each element by itself."""
        return cls(list(range(elements)))

    def copy(self) -> "Groups":
        """The same, to go on from."""
        return Groups([*self.above], {root: {*others} for root, others in self.apart.items()}, [*self.refused])

    def of(self, element: int) -> int:
        """The group of an element: its first element."""
        root = element
        while self.above[root] != root:
            root = self.above[root]
        while self.above[element] != root:
            self.above[element], element = root, self.above[element]
        return root

    def separate(self, left: int, right: int) -> bool:
        """Have two never come together; False if they are together already."""
        a, b = self.of(left), self.of(right)
        if a == b:
            return False
        self.apart.setdefault(a, set()).add(b)
        self.apart.setdefault(b, set()).add(a)
        return True

    def are_apart(self, left: int, right: int) -> bool:
        """Whether two must not come together."""
        return self.of(right) in self.apart.get(self.of(left), ())

    def join(self, left: int, right: int) -> bool:
        """Put two together; False if they must not be."""
        a, b = sorted((self.of(left), self.of(right)))
        if a == b:
            return True
        if self.are_apart(a, b):
            return False
        self.above[b] = a
        others = self.apart.pop(b, set())
        for other in others:
            self.apart[other].discard(b)
            self.apart[other].add(a)
        if others:
            self.apart.setdefault(a, set()).update(others)
        return True

    def follow(self, links: Iterable[Link]) -> None:
        """Put together what is linked, in this order, but for what must not be."""
        self.refused += [link for link in links if not self.join(link.left, link.right)]

    def all_of(self, elements: Sequence[int] | range) -> Int64s:
        """The group of each element."""
        return np.array([self.of(element) for element in elements], np.int64)


def doubts(groups: Groups, links: Iterable[Link]) -> list[Link]:
    """The best link between every two groups that may be one person's: what somebody should look at."""
    best: dict[tuple[int, int], Link] = {}
    for link in links:
        left, right = sorted((groups.of(link.left), groups.of(link.right)))
        if left != right and not groups.are_apart(left, right):
            best.setdefault((left, right), link)
    return list(best.values())
