"""A statute's text, put together where a file has code, section and subsection in columns of their own."""

import re
from collections.abc import Sequence

import numpy as np

from clearscale_kernels.arrays import Int32s

_PARTS = re.compile(r"[0-9]+(?:[.][0-9]+)?|[A-Za-z]+")


def spelled(code: str, statute: str, subsection: str) -> str:
    """The text that a statute has in one column.

    Parameters
    ----------
    code, statute, subsection
        As the columns have them; each may be empty.

    Returns
    -------
    str
        Empty where there is no statute.

    Examples
    --------
    >>> spelled("PL", "220.03", "1a"), spelled("", "PL 220.03", "(1)"), spelled("PL", "PL 220.03", "")
    ('PL 220.03(1)(a)', 'PL 220.03(1)', 'PL 220.03')
    """
    if not statute:
        return ""
    stands = re.match(rf"{re.escape(code)}(?![A-Za-z0-9])", statute, re.IGNORECASE)
    begin = f"{code} " if code and not stands else ""
    behind = subsection if "(" in subsection else "".join(f"({part})" for part in _PARTS.findall(subsection))
    return f"{begin}{statute}{behind}"


def together(texts: Sequence[Sequence[str]], codes: Sequence[Int32s]) -> tuple[list[str], Int32s]:
    """(texts put together, which of them each row has).

    Parameters
    ----------
    texts
        Those of codes, of statutes and of subsections.
    codes
        For each, the number that each row's has, negative for none. Shape (n,).

    Returns
    -------
    list of str
        Each distinct text once.
    ndarray of int32, shape (n,)
        Their places.
    """
    distinct, place = np.unique(np.stack(codes), axis=1, return_inverse=True)
    made = [
        spelled(*(of[number] if number >= 0 else "" for of, number in zip(texts, numbers, strict=True)))
        for numbers in distinct.T.tolist()
    ]
    return made, np.asarray(place, np.int32).reshape(-1)
