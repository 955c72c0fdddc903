"""Where a number's slider moves, and at which settings its curve has points."""

from clearscale.policy.parameters import Parameter, Value

WIDEST = 200
"""Steps of a slider at most; a number of a wider range has a window around its default."""

MOST_POINTS = 30
"""Points of a curve, about."""


def window(parameter: Parameter, value: Value) -> tuple[int, int]:
    """Return the first and last place of a number's slider, with the value that it has now."""
    least, most = _whole(parameter.least), _whole(parameter.most)
    if most - least > WIDEST:
        middle = _whole(parameter.default) if parameter.default != parameter.off else least
        first = min(max(middle - WIDEST // 2, least), most - WIDEST)
        least, most = first, first + WIDEST
    if value == parameter.off:
        return least, most
    return min(least, _whole(value)), max(most, _whole(value))


def steps(parameter: Parameter, value: Value) -> tuple[int, ...]:
    """Return the settings of a number's curve: every one, or some of many with its ends, and off as the last.

    The value that it has now and its default are among them.
    """
    first, last = window(parameter, value)
    stride = -(-(last - first + 1) // MOST_POINTS)
    within = {number for number in (_whole(value), _whole(parameter.default)) if first <= number <= last}
    found = sorted({*range(first, last + 1, stride), last, *within} - {parameter.off})
    return (*found, *([parameter.off] if parameter.off is not None else []))


def _whole(value: Value | None) -> int:
    assert isinstance(value, int)
    return value
