"""Stand in for the counties' program: same flags, file names, JSON keys, error file, messages and exit codes."""

import contextlib
import datetime
import json
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from clearscale.dates import as_of_day
from clearscale.errors import ClearscaleError
from clearscale.io.files import Folder
from clearscale.io.local import write_whole
from clearscale.io.private import make_folder
from clearscale.io.source import Source
from clearscale.io.spool import Spool
from clearscale.policy import Policy
from clearscale.policy.findings import FoundError
from clearscale.policy.option_files import StatedOptions, policy_of, read_options
from clearscale.runs.summary import Summary, add_summaries, county_summary, with_earliest
from clearscale.runs.summary_keys import SECONDS
from clearscale_cluster import ProgressCallback
from clearscale_cluster.shown import say, shown_url

from . import doubts
from .from_extract import BadRecordError, decide_extract, write_results
from .result_files import writing_results

PARSING, OTHER = "PARSING", "OTHER"

SHORTEST = 128
"""Bytes of a file that the counties' program looks for a header in; it fails where there are fewer."""

DOUBT = "warning: "
"""What lines on standard error begin with that the counties' program did not write."""


@dataclass(frozen=True)
class Options:
    """What the command line said; empty where it said nothing."""

    input_doj: str = ""
    outputs: str = ""
    county: str = ""
    eligibility_options: str = ""
    compute_at: str = ""
    file_name_suffix: str = ""


@dataclass(frozen=True)
class _Failure:
    kind: str
    message: str


def _file_name(name: str, suffix: str, ending: str) -> str:
    return f"{name}_{suffix}{ending}" if suffix else f"{name}{ending}"


def _report(options: Options, failures: dict[str, _Failure]) -> int:
    """Write the error file, say the same on standard error, and return the exit code."""
    document = {
        path: {"errorType": failure.kind, "errorMessage": failure.message}
        for path, failure in sorted(failures.items())
    }
    target = Path(options.outputs) / _file_name("gogen", options.file_name_suffix, ".err")
    try:
        write_whole(target, json.dumps(document, separators=(",", ":")).encode())
    except OSError as error:
        say(_os_message(error), to=sys.stderr)
        return 1
    for path, failure in sorted(failures.items()):
        say(f"{path}: {failure.message}", to=sys.stderr)
    return 1


def _os_message(error: OSError, extract: str = "") -> str:
    """Return an operating system's error in the words of Go's library: `open PATH: no such file or directory`.

    An extract is named as the command line did; the file system knows it by its absolute path.
    """
    what = (error.strerror or str(error)).lower()
    name = extract if extract and error.filename == str(Path(extract).absolute()) else error.filename
    return f"open {shown_url(str(name))}: {what}" if name else what


def _as_of(options: Options) -> int:
    if not options.compute_at:
        return as_of_day(datetime.date.today())
    try:
        return as_of_day(options.compute_at)
    except ClearscaleError:
        raise ClearscaleError("invalid --compute-at date: Must be a valid date in the format YYYY-MM-DD") from None


def _options(options: Options) -> StatedOptions:
    try:
        content = Path(options.eligibility_options).read_bytes()
    except OSError as error:
        # As it was given: of a URL a path has one slash less, and its secrets are not known for what they are.
        error.filename = options.eligibility_options
        raise
    try:
        return read_options(content)
    except FoundError as refused:
        if refused.findings[0].name != "encoding":
            raise
        try:
            stated = read_options(content.decode("utf-8", "replace"))
        except FoundError:
            raise refused from None
        # The counties' program reads on over bytes that are no UTF-8.
        stated.doubted = [*refused.findings, *stated.doubted]
        return stated


def _is_short(source: Source) -> bool:
    """Tell whether an extract has fewer than SHORTEST bytes; no if it cannot be read, for others say why."""
    left = SHORTEST
    with contextlib.suppress(Exception), source.open() as file:
        while left and (piece := file.read(left)):
            left -= len(piece)
        return left > 0
    return False


def _doubt(words: Iterable[str]) -> None:
    """Say on standard error what a person should know; the call goes on."""
    for line in words:
        say(f"{DOUBT}{line}", to=sys.stderr)


def run(options: Options, progress: ProgressCallback | None = None) -> int:
    """Decide each file for the county and write its results; returns the exit code, 0 or 1.

    Without --compute-at the as-of date is today's. What is doubtful in the call and in its files is said on
    standard error, each line with DOUBT before it.
    """
    if "://" in options.outputs:  # which would be the name of a local folder, with a password that it has
        say(f"{options.outputs}: results are written into a local folder; choose one for --outputs", to=sys.stderr)
        return 1
    try:
        required = (options.outputs, options.input_doj, options.county, options.eligibility_options)
        if not all(required):
            raise ClearscaleError("missing required field: Run gogen --help for more info")
        as_of = _as_of(options)
        stated = _options(options)
        policy = policy_of(stated, "eligibility-options")
        make_folder(Path(options.outputs))
    except FoundError as error:
        first, *others = error.findings
        _doubt(f"--eligibility-options: {finding.line}" for finding in others)
        return _report(options, {"": _Failure(OTHER, first.line)})
    except ClearscaleError as error:
        return _report(options, {"": _Failure(OTHER, str(error))})
    except OSError as error:
        return _report(options, {"": _Failure(OTHER, _os_message(error))})
    paths = options.input_doj.split(",")
    _doubt(doubts.of_call(options.county, paths, stated, as_of, bool(options.compute_at)))
    try:
        with writing_results(Path(options.outputs), options.file_name_suffix), Spool() as spool:
            return _decide(options, paths, policy, as_of, spool, progress)
    except ClearscaleError as error:  # not into the error file: the folder's files are another command's
        say(str(error), to=sys.stderr)
        return 1
    except OSError as error:
        return _report(options, {"": _Failure(OTHER, _os_message(error))})


def _decide(
    options: Options,
    paths: list[str],
    policy: Policy,
    as_of: int,
    spool: Spool,
    progress: ProgressCallback | None,
) -> int:
    began = time.monotonic()
    failures: dict[str, _Failure] = {}
    summaries: list[Summary] = []
    copies = doubts.Copies()
    for number, path in enumerate(paths, start=1):
        ending = f"_{number}" if len(paths) > 1 else ""
        if options.file_name_suffix:
            ending += f"_{options.file_name_suffix}"
        name = shown_url(path)
        try:
            if Path(path).is_dir():
                raise ClearscaleError(f"read {name}: is a directory")
            source = Source(spool.path_of(path))
            if _is_short(source):
                _doubt([f"{name}: has fewer than {SHORTEST} bytes; it is no extract"])
                raise ClearscaleError("EOF")
            _doubt(doubts.of_form(name, source))
            outcome = decide_extract(source, options.county, policy, as_of, progress=progress)
            write_results(source, outcome, Path(options.outputs), ending, progress=progress)
        except BadRecordError as error:
            failures[name] = _Failure(PARSING, str(error))
        except ClearscaleError as error:
            failures[name] = _Failure(OTHER, str(error))
        except OSError as error:
            failures[name] = _Failure(OTHER, _os_message(error, path))
        else:
            summary = county_summary(outcome.tally, 0, policy, options.county, outcome.lines, 0.0)
            summaries.append(summary)
            _doubt(doubts.of_extract(name, outcome, summary, options.county))
            _doubt(copies.of(name, source, outcome))
    if failures:
        return _report(options, failures)
    summary = with_earliest(add_summaries(summaries), as_of)
    summary[SECONDS] = time.monotonic() - began
    name = _file_name("gogen", options.file_name_suffix, ".json")
    Folder(options.outputs).write(name, json.dumps(summary, separators=(",", ":")).encode("ascii"), lasting=True)
    return 0
