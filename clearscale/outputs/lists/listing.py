"""The list of a run, whatever it is over."""

from collections.abc import Iterator

import pyarrow as pa

from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun

from .wanted import Wanted


def listed(run: Run | ChargeRun, wanted: Wanted | None = None) -> Iterator[pa.Table]:
    """Yield the decisions of a run that are wanted, with names, a table a court.

    Parameters
    ----------
    run
        A finished run.
    wanted
        Which decisions; all that counties count without it.

    Yields
    ------
    Table
        All wanted rows of one court, in the columns of `columns_of`, by case, person and charge; tables come in the
        order of county and court. Where nothing fits none comes.

    Raises
    ------
    RunError
        If something is named that the run has not, or the run and its store do not fit together; see `convictions`
        and `charges` for when.
    StoreError
        If the run's store is not where it was, or is damaged.
    """
    if isinstance(run, ChargeRun):
        from .charges import charges

        yield from charges(run, wanted or Wanted())
    else:
        from .convictions import convictions

        yield from convictions(run, wanted or Wanted())
