"""How many buckets a new store gets."""

FEWEST_BUCKETS = 4
ROWS_A_BUCKET = 1_000_000
"""As many buckets as hold about this many rows each, the number a power of two."""


def bucket_count(length: int, row_bytes: int) -> int:
    """Buckets of a new store.

    Parameters
    ----------
    length
        Bytes of the files that it is made of: how many rows they have is not known before they are read.
    row_bytes
        About how many a row has.

    Returns
    -------
    int
        A power of two.
    """
    buckets = FEWEST_BUCKETS
    while buckets * ROWS_A_BUCKET * row_bytes < length:
        buckets *= 2
    return buckets
