"""People as profiles: in which cells they are counted."""

import numpy as np
import pytest

from clearscale.policy.county_options import relief_options
from clearscale.whatif.sweep.histogram import CELLS, SIZES
from clearscale_kernels.policy import profiles


@pytest.mark.parametrize("axes", [(2, 27, 16, 16), (2, 9, 12, 3)])
def test_people_left_out_stand_in_the_cell_of_their_buckets(axes: tuple[int, ...]) -> None:
    age, clear, longest = axes[1] - 1, axes[3] - 1, axes[2] - 1
    header = profiles.CAN_LACK_RELIEF | 1 << 4 | 0 << 5 | age << 6 | clear << 11 | longest << 15
    profile = np.full((1, profiles.profile_words(1)), header, np.int64)
    profile[0, 1] = longest | profiles.NONE << profiles.FIELD_BITS  # a felony, not of someone under 21
    cubes = np.zeros((4, profiles.SETS, *axes[:3], 4 * axes[3]), np.int32)
    profiles.count_left_out(profile, np.array([7]), np.array([1], np.int8), 15, 7, cubes)
    assert (cubes[0, 0, :, age, longest, 4 * clear + 2] == 7).all()
    assert (cubes[0, 1] == 0).all()
    assert cubes.sum() == 7 * 2 * (profiles.SETS // 2)


def test_profiles_have_room_for_the_settings_of_the_options() -> None:
    assert len(SIZES) == len(relief_options())
    assert np.prod(SIZES) == CELLS
    assert SIZES[1] <= profiles.MOST_AGES
    assert max(SIZES[2:4]) <= profiles.MOST_YEARS
