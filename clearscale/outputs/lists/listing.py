"""The list of a run, whatever it is over."""

from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from clearscale_cluster import ProgressCallback

from .columns import columns_of, schema_of
from .wanted import Wanted


def listed(
    run: Run | ChargeRun, wanted: Wanted | None = None, progress: ProgressCallback | None = None
) -> Iterator[pa.Table]:
    """Yield the decisions of a run that are wanted, with names, a table a court.

    Parameters
    ----------
    run
        A finished run.
    wanted
        Which decisions; all that counties count without it.
    progress
        Called with (done, total, label) as it goes through the store.

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

        yield from charges(run, wanted or Wanted(), progress)
    else:
        from .convictions import convictions

        yield from convictions(run, wanted or Wanted(), progress)


@dataclass(frozen=True, repr=False)
class DecisionList:
    """Decisions of a run with names, case numbers and courts, as `clearscale.decisions` gives them.

    Attributes
    ----------
    run : Run or ChargeRun
        The run.
    wanted : Wanted
        Which of its decisions.
    file : str or None
        Where the list was written, if it was.
    progress : callable or None
        Told how far reading is.

    Examples
    --------
    >>> import clearscale
    >>> found = clearscale.decisions("runs/july", county="SAN DIEGO", outcome="dismiss")
    >>> found.table().column_names[:4]
    ['county', 'court', 'case', 'person']
    """

    run: Run | ChargeRun
    wanted: Wanted
    file: str | None = None
    progress: ProgressCallback | None = None

    def __repr__(self) -> str:
        written = f", file={self.file!r}" if self.file is not None else ""
        return f"DecisionList({self.run.folder.url!r}{written})"

    def tables(self) -> Iterator[pa.Table]:
        """The decisions, a table a court.

        Yields
        ------
        pyarrow.Table
            All rows of one court, by case, person and charge; tables come in the order of county and court.

        Raises
        ------
        RunError
            If the run has no such county, court, agency, outcome, flag, case or record, or it and its store do not
            fit together.
        StoreError
            If the run's store is not where it was, or is damaged.
        """
        yield from listed(self.run, self.wanted, self.progress)

    def table(self) -> pa.Table:
        """All of them in one table; raises as `tables` does.

        Returns
        -------
        pyarrow.Table
            A row a decision, by county, court, case, person and charge.
        """
        return pa.concat_tables([schema_of(columns_of(self.run)).empty_table(), *self.tables()])
