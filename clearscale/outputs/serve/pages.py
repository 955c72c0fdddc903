"""The pages of a run: that of the counties' options where it was made with them, and that of all policies."""

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from clearscale.errors import RunError
from clearscale.runs import Run
from clearscale.runs.charges import ChargeRun
from clearscale.runs.finished import FinishedRun
from clearscale_cluster import ProgressCallback

from .charges.session import open_charge_session
from .charges.site import ChargeSite
from .controls import Controls
from .opening import options_of
from .policies.session import open_policy_session
from .policies.site import PolicySite
from .server import Reply
from .session import open_session
from .site import Site

OTHERS = "policies/"
"""Where the page of all policies is, beside that of options."""


class RunPages:
    """What a browser can ask of a run.

    Parameters
    ----------
    run
        Over convictions or over charges.
    county
        The county picked at first, None for the state.
    policies
        Paths of policy files that can be chosen.
    options
        Whether a run of options has their page, and that of all policies beside it; otherwise it has the latter. A
        run over charges has that of all policies over charges.
    published
        Whether people are counted in groups.
    progress
        Called while the store is read.

    Raises
    ------
    RunError
        For a county that the run does not have, if this version decides otherwise than the run, and for a run of
        another policy than options that is to be shown in groups.
    """

    def __init__(
        self,
        run: Run | ChargeRun,
        county: str | None = None,
        policies: Sequence[str] = (),
        *,
        options: bool = True,
        published: bool = False,
        progress: ProgressCallback | None = None,
    ) -> None:
        self._lock = threading.Lock()
        self._others: PolicySite | None = None
        self._first: Controls[Any, Any]

        def of_policies(progress: ProgressCallback | None = None) -> PolicySite:
            assert isinstance(run, Run)
            return PolicySite(open_policy_session(run, policies, progress=progress), county)

        self._open: Callable[[], PolicySite] | None = None
        if isinstance(run, ChargeRun):
            if published:
                raise _not_in_groups(run, run.info["policy"])
            self._first = ChargeSite(open_charge_session(run, policies, progress=progress), county)
        elif published:
            _require_options(run, policies)
            self._first = Site(open_session(run, published=True, progress=progress), county)
        elif options and options_of(run) is not None:
            self._first = Site(open_session(run, progress=progress), county, OTHERS)
            self._open = of_policies
        else:
            self._first = of_policies(progress)

    def respond(self, path: str, parameters: Mapping[str, str]) -> Reply | None:
        """Return the reply to an address; see `server.Respond`."""
        if self._open is None or not path.startswith(OTHERS):
            return self._first.respond(path, parameters)
        with self._lock:
            others = self._others = self._others or self._open()
        return others.respond(path.removeprefix(OTHERS), parameters)


def _require_options(run: Run, policies: Sequence[str]) -> None:
    if policies:
        raise RunError("--published counts in groups, which are made for the counties' options: leave --policy out")
    if options_of(run) is None:
        raise _not_in_groups(run, run.info["policy"])


def _not_in_groups(run: FinishedRun, policy: Mapping[str, Any]) -> RunError:
    return RunError(
        f"{run.folder.url}: was made with '{policy['title']}' ({policy['id']}); --published counts in groups, "
        "which are made for the counties' eligibility options. Leave --published out to move its parameters, for "
        f"internal use; `clearscale report --run {run.folder.url}` writes a page that can be published"
    )
