"""Why a charge was decided as it was."""

from clearscale.io.files import Folder
from clearscale.io.paths import StrPath
from clearscale.io.urls import absolute
from clearscale.runs.charges import ChargeRun, open_charge_run
from clearscale.store.logged import logged
from clearscale.whatif.explain.charges import ChargeExplanation
from clearscale.whatif.explain.charges import explain_charge as explain_decision

from .arguments import optional_path, whole_number


def explain_charge(
    run: ChargeRun | StrPath, file: str, line: int, *, policy: StrPath | None = None
) -> ChargeExplanation:
    """Tell why a run decided a charge as it did: each rule and condition, what is missing, what it waits for.

    The decision is made once more, from the snapshot that the run recorded.

    Parameters
    ----------
    run : ChargeRun, str or os.PathLike
        The run over charges, or its path or URL.
    file : str
        The file's id, as decisions have it, its name, or a text with which only one id begins.
    line : int
        The line of the file on which the charge's record begins, from 1, as decisions have it.
    policy : str or os.PathLike, optional
        The policy's file, which must be the one that it was. It is not needed: the run has recorded its policy.

    Returns
    -------
    ChargeExplanation
        The answer; it holds a person's data.

    Raises
    ------
    RunError
        If there is no run, the store has no such record, or the policy is another than the run's.
    StoreError
        If the run's store is not where it was.
    PolicyError
        If there is no such policy.
    StorageError
        If an object storage refuses, or cannot be reached.
    """
    source = run if isinstance(run, ChargeRun) else open_charge_run(run)
    explained = explain_decision(source, file, whole_number(line, "line"), optional_path(policy))
    # Where the record lies, not what it says; and before anybody sees it.
    logged(
        Folder.rooted(source.info["store"]),
        "explain",
        snapshot=source.info["snapshot"],
        run=[absolute(source.folder.url)],
        extract=explained.file,
        rows=[explained.line],
        records=1,
    )
    return explained
