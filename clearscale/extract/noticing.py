"""What is odd about the values of a block's records, looked for while they are at hand as codes."""

import re

import numpy as np

from clearscale.law import state

from .encoding import ENCODED
from .looking import Look, chosen
from .odd_dates import notice_dates
from .odd_keys import notice_keys
from .odd_texts import notice_texts
from .padding import notice_padding

_ROLES = state().format.roles

NOTICED: tuple[int, ...] = (*ENCODED, state().format.places[_ROLES.name])
"""Places of the columns that `notice` looks at; a block must have them, coded or not."""

_ORDER_BYTES = state().format.order_bytes

_SCIENTIFIC = re.compile(rb"\s*[0-9](\.[0-9]+)?[Ee]\+?[0-9]+\s*")
"""A number as spreadsheets write long ones."""


def notice(look: Look) -> None:
    """Look at a block's usable records."""
    look.noticed.of["records"] = look.size
    if look.size:
        _notice_zero_bytes(look)
        _notice_orders(look)
        notice_dates(look)
        notice_texts(look)
        notice_keys(look)
        notice_padding(look)


def _notice_zero_bytes(look: Look) -> None:
    """Notice records that a disk or a transfer wrote zeros into: such a record may still have all fields."""
    block = look.coding.block
    begins, ends = block.extents[:, : look.size]
    data = block.data[begins[0] : ends[-1]]
    if data.size and not data.min():
        zeros = np.flatnonzero(data == 0) + begins[0]
        counts = np.searchsorted(zeros, ends) - np.searchsorted(zeros, begins)
        look.note("zero-bytes", counts > 0)


def _notice_orders(look: Look) -> None:
    orders, texts = look.coding.coded(_ROLES.count_order)
    # As nearly always, told by all of them together.
    if not ({*map(len, texts)} == {_ORDER_BYTES} and b"".join(texts).isdigit()):
        odd = [text for text in texts if not (len(text) == _ORDER_BYTES and text.isdigit())]
        saved = {text for text in odd if _SCIENTIFIC.fullmatch(text)}
        for name, among in (("numbers-of-a-spreadsheet", saved), ("unusual-count-orders", {*odd} - saved)):
            look.note(name, chosen([text in among for text in texts], orders))
