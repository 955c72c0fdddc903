"""Which figures of a sweep's page are shown: none that is small, and no two that differ by few people."""

from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np

from clearscale.runs.tally import MEASURES
from clearscale.small_counts import SUPPRESS_BELOW
from clearscale_kernels.arrays import Bools, Int64s

_RELIEF, *_PARTS = (f"people_{measure}" for measure in MEASURES)
_OUTCOMES = ("convictions_dismissed", "convictions_reduced")
FIGURES_SHOWN = (*_OUTCOMES, _RELIEF, *_PARTS)
"""Figures of a page; where one of two has to be hidden, it is the later."""


def visible(figures: Mapping[str, Int64s], order: Sequence[int], below: int = SUPPRESS_BELOW) -> dict[str, Bools]:
    """Choose what is shown of FIGURES_SHOWN. Shapes (policies,).

    figures: of every policy of a page. order: the policies, the most important first.

    Two settings of a policy mostly relieve some people and more people, so that the difference of two figures
    counts people. Of those shown, none and no difference of two is from 1 up to `below`: neither of one figure
    under two policies, nor of convictions with any relief, nor between people with some relief and some of them
    under any two.
    So a hidden figure lies between two that are at least `below` apart.
    """
    result = {name: np.zeros(values.size, np.bool_) for name, values in figures.items() if name in FIGURES_SHOWN}
    shown: dict[str, list[int]] = {name: [] for name in (*FIGURES_SHOWN, "")}

    def apart(value: int, others: Sequence[int]) -> bool:
        return not any(0 < abs(value - other) < below for other in (0, *others))

    for policy, name in product(order, FIGURES_SHOWN):
        value = int(figures[name][policy])
        near = list(shown[name])
        if name in (_RELIEF, *_PARTS):  # whatever the setting: one bounds the other from above, or from below
            near = [value for other in (_RELIEF, *_PARTS) for value in shown[other]]
        able = apart(value, near)
        if name == _OUTCOMES[1] and able and result[_OUTCOMES[0]][policy]:
            decided = value + int(figures[_OUTCOMES[0]][policy])
            able = apart(decided, shown[""])
            if able:
                shown[""].append(decided)
        if able:
            result[name][policy] = True
            shown[name].append(value)
    return result
