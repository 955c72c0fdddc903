"""Which figures to hide: the small ones, and as few others as keep these from being worked out."""

from collections.abc import Iterable, Sequence

import numpy as np

from clearscale.small_counts import SUPPRESS_BELOW
from clearscale_kernels.arrays import Bools, Int64s

from .relations import Difference, Freedom, Sum


def hide(
    values: Int64s,
    sums: Sequence[Sum],
    differences: Sequence[Difference] = (),
    below: int = SUPPRESS_BELOW,
    already: Bools | None = None,
) -> Bools:
    """Choose the figures to hide. Shape (n,).

    values: shape (n,), counts. sums: all relations that hold among them. differences: pairs of sums that count
    parts of the same people; those whose second is the first of others come before these. below: counts from 1 up
    to this, exclusively, are small. already: figures that are hidden in any case, such as those of an earlier
    publication.

    Small figures, and one of two figures whose difference is a small count of people, are *secret*. After hiding,
    no secret can be solved for from what is shown. Besides, wherever a total is shown, what its hidden parts leave
    is at least `below` and of two parts or more. What they leave of a difference is never small; where they leave
    nothing of it, so that two figures must be equal, both are shown or both hidden. Zeros are shown, unless
    `already` hides them or nothing else helps.
    """
    return _Hiding(values, sums, differences, below, already).run()


class _Hiding:
    def __init__(
        self,
        values: Int64s,
        sums: Sequence[Sum],
        differences: Sequence[Difference],
        below: int,
        already: Bools | None,
    ) -> None:
        self.values, self.below = values, below
        # A total of nothing but zeros has its own value for all that is missing; it says nothing of other figures.
        self.sums = [
            relation for relation in sums if not values[relation.total] or values[list(relation.parts)].any()
        ]
        self.rules: list[Sum | Difference] = [*self.sums, *differences]
        self.rules_of: list[list[int]] = [[] for _ in range(values.size)]
        for place, rule in enumerate(self.rules):
            for figure in dict.fromkeys(_figures(rule)):
                self.rules_of[figure].append(place)
        self.secret: Bools = (values > 0) & (values < below)
        for difference in differences:
            self._protect_difference(difference)
        self.kept = np.zeros(values.size, np.bool_) if already is None else already
        self.hidden: Bools = self.secret | self.kept

    def run(self) -> Bools:
        self._protect(range(len(self.rules)))
        more = 1
        while True:
            # Assume that an intruder knows which figures are 0, hidden or not.
            freedom = Freedom(self.hidden & (self.values > 0), self.sums)
            solved = [figure for figure in freedom.solved() if self.secret[figure]]
            # Twice as many each time, to finish soon; figures hidden needlessly are shown again.
            found = [self._hide_near(figure) for figure in solved for _ in range(more)]
            if not any(found):
                break
            more *= 2
        self._show_again(freedom)
        return self.hidden

    def _protect_difference(self, difference: Difference) -> None:
        for first, second in zip(difference.first.figures, difference.second.figures, strict=True):
            left = abs(int(self.values[first] - self.values[second]))
            if 0 < left < self.below and not self.secret[first]:
                self.secret[second] = True

    def _unprotected(self, rule: Sum | Difference) -> bool:
        """Return whether a sum or a difference needs more figures hidden."""
        if isinstance(rule, Difference):
            return self._difference_unprotected(rule)
        parts = np.array(rule.parts, np.int64)
        missing = self.hidden[parts]
        if self.hidden[rule.total]:
            return bool(self.values[rule.total]) and not missing.any()
        left = self.values[parts[missing]]
        if not left.any():
            return False
        # What is beside a secret has to leave room for it; beside anything else, for something.
        secret = left[self.secret[parts[missing]]]
        room = left.sum() - secret.max(initial=0)
        return bool(room < self.below or np.count_nonzero(left) < 2)

    def _difference_unprotected(self, rule: Difference) -> bool:
        if self.hidden[rule.first.total] or self.hidden[rule.second.total]:
            return False
        first, second = np.array(rule.first.parts, np.int64), np.array(rule.second.parts, np.int64)
        missing = self.hidden[first] | self.hidden[second]
        left = int(abs(self.values[first] - self.values[second])[missing].sum())
        return 0 < left < self.below

    def _protect(self, places: Iterable[int]) -> None:
        """Hide more until every sum and difference is protected. places: of those that may not be yet."""
        queue = dict.fromkeys(places)
        while queue:
            place = next(iter(queue))
            del queue[place]
            while self._unprotected(self.rules[place]):
                figure = self._cheapest([self.rules[place]])
                if figure is None:
                    break
                self.hidden[figure] = True
                queue |= dict.fromkeys(other for other in self.rules_of[figure] if other != place)

    def _cheapest(self, rules: Iterable[Sum | Difference]) -> int | None:
        """Return the shown figure that is best to hide: no total, then of few opened sums, then of few people."""
        options = []
        for rule in rules:
            shown = rule.second if isinstance(rule, Difference) else rule
            gains = self.values[list(shown.parts)]
            if isinstance(rule, Difference):
                gains = abs(gains - self.values[list(rule.first.parts)])
            for figure, gain in zip(shown.parts, gains.tolist(), strict=True):
                if gain and not self.hidden[figure]:
                    options.append((False, self._opened(figure), int(self.values[figure]), figure))
            if not self.hidden[shown.total]:
                options.append((True, 0, int(self.values[shown.total]), shown.total))
        return min(options)[-1] if options else None

    def _opened(self, figure: int) -> int:
        """Return how many sums have no other part hidden yet."""
        rules = (self.rules[place] for place in self.rules_of[figure])
        return sum(isinstance(rule, Sum) and not self.hidden[list(rule.parts)].any() for rule in rules)

    def _hide_near(self, figure: int) -> bool:
        """Hide one more figure near this one. Return False if none is left: then nothing gives it away."""
        near = seen = {place for place in self.rules_of[figure] if place < len(self.sums)}
        while near:
            chosen = self._cheapest(self.rules[place] for place in sorted(near))
            if chosen is not None:
                self.hidden[chosen] = True
                self._protect(self.rules_of[chosen])
                return True
            around = {
                place
                for nearby in near
                for member in _figures(self.rules[nearby])
                for place in self.rules_of[member]
            }
            near = {place for place in around - seen if place < len(self.sums)}
            seen = seen | near
        return False

    def _show_again(self, freedom: Freedom) -> None:
        """Show what need not be hidden, the most people first."""
        candidates = np.flatnonzero(self.hidden & ~self.secret & ~self.kept & (self.values > 0))
        for figure in sorted(candidates.tolist(), key=lambda figure: (-self.values[figure], figure)):
            self.hidden[figure] = False
            if self.secret[freedom.determined_by(figure)].any() or any(
                self._unprotected(self.rules[place]) for place in self.rules_of[figure]
            ):
                self.hidden[figure] = True
            else:
                freedom.show(figure)


def _figures(rule: Sum | Difference) -> tuple[int, ...]:
    return rule.figures if isinstance(rule, Sum) else (*rule.first.figures, *rule.second.figures)
