"""Case numbers: which of a person's court actions name the case of a conviction."""

from typing import NamedTuple

from clearscale_kernels.arrays import Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel

from .fold import free_slot


class CaseRows(NamedTuple):
    """Rows of histories, those of a history together.

    Attributes
    ----------
    numbers : int32, shape (n,)
        Code of the number that a row gives its case, negative where it gives none.
    cases : int32, shape (n,)
        Case of each row, negative where it has none.
    """

    numbers: Int32s
    cases: Int32s


class ConvictionPlaces(NamedTuple):
    """Which rows are convictions, as `fold` finds them.

    Attributes
    ----------
    rows : int32, shape (c,)
    history_bounds : int64, shape (h + 1,)
        The first conviction of each history, and the past-last of the last.
    """

    rows: Int32s
    history_bounds: Int64s


class CaseScratch(NamedTuple):
    """Scratch of `list_case_numbers`.

    Attributes
    ----------
    tables : int32, shape (3, `table_size(longest history)`)
        Zeros to begin with.
    links : int32, shape (2, longest history)
    """

    tables: Int32s
    links: Int32s


class CaseNumbers(NamedTuple):
    """Lists of numbers, conviction by conviction. Filled.

    Attributes
    ----------
    offsets : int32, shape (c + 1,)
        The first number of each conviction, and the past-last of the last.
    numbers : int32, shape (listed,)
        Codes, as far as there is room.
    """

    offsets: Int32s
    numbers: Int32s


@kernel
def list_case_numbers(
    bounds: Int64s, rows: CaseRows, convictions: ConvictionPlaces, scratch: CaseScratch, out: CaseNumbers
) -> int:
    """List the distinct numbers of each conviction's case, in the order in which its rows bear them.

    Call once with no room for numbers, then with as much as is returned, and with fresh tables.

    Parameters
    ----------
    bounds : shape (h + 1,)
        The first row of each history, and the past-last of the last.
    rows
    convictions
    scratch
        Changed.
    out
        Filled.

    Returns
    -------
    int
        How many numbers there are.
    """
    numbers, cases = rows.numbers, rows.cases
    conviction_rows, history_bounds = convictions.rows, convictions.history_bounds
    tables, links = scratch.tables, scratch.links
    offsets, listed = out.offsets, out.numbers
    total = 0
    for h in range(bounds.size - 1):
        stamp = h + 1
        nodes = 0
        for i in range(bounds[h], bounds[h + 1]):
            if numbers[i] < 0 or cases[i] < 0:
                continue
            slot = free_slot(cases[i], stamp, tables[0], tables[1])
            if tables[1, slot] != stamp:
                tables[0, slot] = cases[i]
                tables[1, slot] = stamp
                tables[2, slot] = -1
            node = tables[2, slot]
            known = False
            last = -1
            while node >= 0:
                if links[0, node] == numbers[i]:
                    known = True
                    break
                last = node
                node = links[1, node]
            if known:
                continue
            links[0, nodes] = numbers[i]
            links[1, nodes] = -1
            if last < 0:
                tables[2, slot] = nodes
            else:
                links[1, last] = nodes
            nodes += 1
        for c in range(history_bounds[h], history_bounds[h + 1]):
            offsets[c] = total
            case = cases[conviction_rows[c]]
            if case < 0:
                continue
            slot = free_slot(case, stamp, tables[0], tables[1])
            node = tables[2, slot] if tables[1, slot] == stamp else -1
            while node >= 0:
                if total < listed.size:
                    listed[total] = links[0, node]
                total += 1
                node = links[1, node]
    offsets[conviction_rows.size] = total
    return total
