"""The decisions of a run with names and case numbers, for who acts on them."""

from collections.abc import Sequence
from dataclasses import replace

from clearscale.io.paths import StrPath, path_text
from clearscale.io.urls import absolute
from clearscale.outputs.lists import Wanted
from clearscale.outputs.lists.listing import DecisionList
from clearscale.outputs.lists.writing import format_of, write_list
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun, open_either
from clearscale.runs.logged import logged_of
from clearscale_cluster import ProgressCallback

Names = str | Sequence[str] | None
"""A name, several, or none for all."""


def decisions(
    run: Run | ChargeRun | StrPath,
    *,
    county: Names = None,
    court: Names = None,
    agency: Names = None,
    outcome: Names = None,
    flag: Names = None,
    case: str | None = None,
    record: str | None = None,
    out: StrPath | None = None,
    format: str | None = None,
    progress: ProgressCallback | None = None,
) -> DecisionList:
    """List a run's decisions with names, case numbers and courts, as records have them, court by court.

    They are those that counties count: of a run over convictions each county's own, in its own extracts, which are
    the lines of its `Prop64_Results`. In names capitals and spaces do not matter.

    Parameters
    ----------
    run : Run, ChargeRun, str or os.PathLike
        The run, over convictions or over charges, or its path or URL.
    county, court, agency : str or sequence of str, optional
        Only those of this county, court or agency, or these, as records name them.
    outcome : str or sequence of str, optional
        Only decisions with this outcome or these, as the run names them, or `dismiss`, `reduce` and so on; `none`
        for those that no rule decides.
    flag : str or sequence of str, optional
        Only decisions that bear this flag, or one of these.
    case : str, optional
        Only those of the case with this number.
    record : str, optional
        Only those of records that the extract calls so (`RECORD_ID`); of runs over convictions.
    out : str or os.PathLike, optional
        A file, path or URL, for the list; one of that name is replaced.
    format : {"csv", "xlsx", "parquet"}, optional
        Of the file; as its name ends without it. `xlsx` needs the extra `xlsx`.
    progress : callable, optional
        Called with (done, total, label) in the caller's thread; `clearscale_cluster.TerminalProgress()` in a `with`
        statement is what the commands use.

    Returns
    -------
    DecisionList
        The list, which reads the store when it is asked for tables. It holds personal data.

    Raises
    ------
    RunError
        If there is no run, it has no such county, outcome and so on, its decisions are not those of its tables, or
        the format is none.
    StoreError
        If the run's store is not where it was, or is damaged.
    ClearscaleError
        If the extra `xlsx` is needed, and not installed.
    StorageError
        If an object storage refuses, or cannot be reached.

    Examples
    --------
    >>> import clearscale
    >>> found = clearscale.decisions("runs/july", county="LOS ANGELES", out="lists/los-angeles.csv")
    >>> found.file
    'lists/los-angeles.csv'
    """
    source = run if isinstance(run, Run | ChargeRun) else open_either(run)
    wanted = Wanted(
        counties=_names(county),
        courts=_names(court),
        agencies=_names(agency),
        outcomes=_names(outcome),
        flags=_names(flag),
        case=case,
        record=record,
    )
    target = None if out is None else path_text(out, "out")
    form = None if target is None else format_of(target, format)
    found = DecisionList(source, wanted, progress=progress)
    # Before anybody sees them; where they are, and nothing of what records say.
    logged_of(
        source,
        "decisions",
        out=None if target is None else absolute(target),
        county=list(wanted.counties),
    )
    if target is None or form is None:
        return found
    write_list(source, found.tables(), target, form, wanted)
    return replace(found, file=target)


def _names(given: Names) -> tuple[str, ...]:
    return (given,) if isinstance(given, str) else tuple(given or ())
