"""Small classes counted with a neighbor, before anything is hidden: `Blank` with men, a year with the next."""

from collections.abc import Mapping, Sequence

Block = tuple[str, ...]
"""Groups that a page counts together, in the order of tables; mostly one."""


def merged(counts: Mapping[str, int], neighbors: Sequence[tuple[str, str]], below: int | None) -> tuple[Block, ...]:
    """Put groups together until each counts `below` or more, as far as neighbors go. None puts none together.

    counts: by group, in the order of tables. neighbors: (group, with whom it is counted), the first looked at
    first; an empty group stands for any that none names. Groups of nobody are put together as well: a page tells of
    a group that it is small or empty, not which.
    """
    blocks: dict[str, Block] = {group: (group,) for group in counts}
    if below is None or sum(counts.values()) < below:
        return tuple(blocks.values())
    named = {group for group, _ in neighbors}
    pairs = [
        (group, other)
        for rule, other in neighbors
        for group in ([rule] if rule else [group for group in counts if group not in named])
        if group in counts and other in counts and group != other
    ]
    order = list(counts)
    while True:
        pair = next(
            (
                (group, other)
                for group, other in pairs
                if blocks[group] != blocks[other] and sum(counts[one] for one in blocks[group]) < below
            ),
            None,
        )
        if pair is None:
            return tuple(dict.fromkeys(blocks.values()))
        block = tuple(sorted({*blocks[pair[0]], *blocks[pair[1]]}, key=order.index))
        blocks |= dict.fromkeys(block, block)


def merged_years(counts: Mapping[str, int], below: int | None) -> tuple[Block, ...]:
    """Put years of few convictions together with those after them, the last with those before.

    counts: by year as a text, of years that have any; empty where there is no date, which is put together with the
    earliest years.
    """
    dated = sorted((year for year in counts if year), key=int)
    years = [*(year for year in counts if not year), *dated]
    if below is None or sum(counts.values()) < below:
        return tuple((year,) for year in [*dated, *years[: len(years) - len(dated)]])
    blocks: list[Block] = []
    block: Block = ()
    for year in years:
        block = (*block, year)
        if sum(counts[one] for one in block) >= below:
            blocks.append(block)
            block = ()
    if block:
        blocks[-1:] = [(*blocks[-1], *block)]
    # What has no date is the last row where it stands alone.
    alone: Block = ("",)
    return tuple([block for block in blocks if block != alone] + [block for block in blocks if block == alone])
