"""Age bands of figures."""

import numpy as np

from clearscale.dates import years_behind
from clearscale_kernels.arrays import Bools, Int8s, Int32s
from clearscale_kernels.people import calendar

AGE_BANDS = ("unknown", "under 21", "21-29", "30-39", "40-49", "50-64", "65 and over")

_BAND_STARTS = (21, 30, 40, 50, 65)
_OLDEST = 65


def bands_of(births: Int32s, missing: Bools, as_of: int) -> Int8s:
    """Place in AGE_BANDS of people on the as-of date, 0 where the birth date is missing. Shapes (n,)."""
    ages = years_behind(calendar.AGE, births, as_of)
    of_age = np.searchsorted(_BAND_STARTS, np.arange(_OLDEST + 1), side="right").astype(np.int8) + np.int8(1)
    bands: Int8s = of_age[np.clip(ages, 0, _OLDEST)]
    bands[missing] = 0
    return bands
