"""Case numbers: which of a person's court actions name the case of a conviction."""

from clearscale_kernels.arrays import Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel

from .fold import free_slot


@kernel
def list_case_numbers(
    bounds: Int64s,
    numbers: Int32s,
    cases: Int32s,
    conviction_rows: Int32s,
    history_bounds: Int64s,
    tables: Int32s,
    links: Int32s,
    offsets: Int32s,
    listed: Int32s,
) -> int:
    """List the distinct numbers of each conviction's case, in the order in which its rows bear them.

    bounds: shape (h + 1,), first row of each history. numbers: shape (n,), code of the number that a row gives its
    case, negative where it gives none. cases: shape (n,), case of each row, negative where it has none.
    conviction_rows: shape (c,), history_bounds: shape (h + 1,), as `fold` fills them. tables: shape (3,
    `table_size(longest history)`), scratch that must start as zeros. links: shape (2, longest history), scratch.
    offsets: shape (c + 1,), filled here. listed: filled with the codes, conviction by conviction, as far as it
    reaches. Returns how many codes there are: call once with an empty `listed`, then with one that long and fresh
    tables.
    """
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
