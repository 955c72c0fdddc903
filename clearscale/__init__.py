"""clearscale: clears old marijuana convictions, all of a state's, in seconds.

`import clearscale` offers what the commands do. Each name is loaded when it is first used, so that the import is
quick, and so is a command that uses one of them. Everything else in the packages may change without notice.

A path may be a text or any `os.PathLike`; a URL is a text. Dates are texts, `YYYY-MM-DD`.

Examples
--------
One cluster serves several calls. With `"local:4"` it would be worker processes, which import the script: then all
this belongs under `if __name__ == "__main__":`.

>>> from clearscale import run
>>> from clearscale_cluster import open_cluster
>>> with open_cluster("threads:2") as cluster:
...     for policy in ("ca-dismiss-all", "ca-dismiss-all-and-related"):
...         print(run("store", policy, "2020-07-01", f"runs/{policy}", cluster=cluster).info["policy"]["title"])
Dismiss all Prop 64 convictions
Dismiss all Prop 64 and related convictions
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    # For type checkers and editors, which do not follow the table below; a test holds the two equal.
    from .api.charge_explanations import explain_charge as explain_charge
    from .api.charge_runs import forecast as forecast
    from .api.charge_runs import run_charges as run_charges
    from .api.charge_stores import ingest_charges as ingest_charges
    from .api.checks import check as check
    from .api.encryption import change_key as change_key
    from .api.encryption import copy_encrypted as copy_encrypted
    from .api.encryption import make_key as make_key
    from .api.encryption import start_encryption as start_encryption
    from .api.exports import export as export
    from .api.exports import export_all as export_all
    from .api.lists import decisions as decisions
    from .api.logs import log as log
    from .api.packets import packet as packet
    from .api.packets import packet_templates as packet_templates
    from .api.policies import facts as facts
    from .api.policies import make_policy as make_policy
    from .api.purging import prune as prune
    from .api.purging import purge as purge
    from .api.reports import report as report
    from .api.runs import run as run
    from .api.serving import serve as serve
    from .api.serving import serve_folder as serve_folder
    from .api.snapshots import snapshots as snapshots
    from .api.snapshots import store_info as store_info
    from .api.stores import ingest as ingest
    from .api.tables import tables as tables
    from .api.verifying import verify as verify
    from .api.whatif import diff as diff
    from .api.whatif import explain as explain
    from .api.whatif import sweep as sweep
    from .api.working import work as work
    from .checks.verifying import Verification as Verification
    from .errors import ClearscaleError as ClearscaleError
    from .errors import ExtractError as ExtractError
    from .errors import PolicyError as PolicyError
    from .errors import RunError as RunError
    from .errors import StorageError as StorageError
    from .errors import StoreError as StoreError
    from .outputs.lists.listing import DecisionList as DecisionList
    from .outputs.serve.server import Server as Server
    from .policy.model import Condition as Condition
    from .policy.model import Policy as Policy
    from .policy.model import Rule as Rule
    from .runs.charges.opened import ChargeRun as ChargeRun
    from .runs.charges.opened import open_charge_run as open_charge_run
    from .runs.opened import Run as Run
    from .runs.opened import open_run as open_run
    from .store.charge_ingest.report import ChargeReport as ChargeReport
    from .store.charge_store import ChargeStore as ChargeStore
    from .store.charge_store import open_charges as open_charges
    from .store.ingest.report import IngestReport as IngestReport
    from .store.log import Log as Log
    from .store.opened import Store as Store
    from .store.opened import open_store as open_store
    from .store.purging.report import PurgeReport as PurgeReport
    from .version import __version__ as __version__
    from .whatif.diff.charges.result import ChargeDiff as ChargeDiff
    from .whatif.diff.comparing import Diff as Diff
    from .whatif.explain.answers import Explanation as Explanation
    from .whatif.explain.charges import ChargeExplanation as ChargeExplanation
    from .whatif.sweep.opened import Sweep as Sweep
    from .whatif.sweep.opened import open_sweep as open_sweep

_HOMES = {
    "ingest": "api.stores",
    "ingest_charges": "api.charge_stores",
    "run": "api.runs",
    "run_charges": "api.charge_runs",
    "forecast": "api.charge_runs",
    "check": "api.checks",
    "verify": "api.verifying",
    "purge": "api.purging",
    "prune": "api.purging",
    "log": "api.logs",
    "decisions": "api.lists",
    "make_policy": "api.policies",
    "facts": "api.policies",
    "export": "api.exports",
    "export_all": "api.exports",
    "snapshots": "api.snapshots",
    "store_info": "api.snapshots",
    "packet": "api.packets",
    "packet_templates": "api.packets",
    "tables": "api.tables",
    "report": "api.reports",
    "serve": "api.serving",
    "serve_folder": "api.serving",
    "sweep": "api.whatif",
    "diff": "api.whatif",
    "explain": "api.whatif",
    "explain_charge": "api.charge_explanations",
    "work": "api.working",
    "make_key": "api.encryption",
    "start_encryption": "api.encryption",
    "copy_encrypted": "api.encryption",
    "change_key": "api.encryption",
    "open_store": "store.opened",
    "open_charges": "store.charge_store",
    "open_run": "runs.opened",
    "open_charge_run": "runs.charges.opened",
    "open_sweep": "whatif.sweep.opened",
    "IngestReport": "store.ingest.report",
    "ChargeReport": "store.charge_ingest.report",
    "PurgeReport": "store.purging.report",
    "Log": "store.log",
    "Store": "store.opened",
    "ChargeStore": "store.charge_store",
    "Policy": "policy.model",
    "Rule": "policy.model",
    "Condition": "policy.model",
    "Run": "runs.opened",
    "ChargeRun": "runs.charges.opened",
    "Sweep": "whatif.sweep.opened",
    "DecisionList": "outputs.lists.listing",
    "Diff": "whatif.diff.comparing",
    "ChargeDiff": "whatif.diff.charges.result",
    "Explanation": "whatif.explain.answers",
    "ChargeExplanation": "whatif.explain.charges",
    "Verification": "checks.verifying",
    "Server": "outputs.serve.server",
    "ClearscaleError": "errors",
    "ExtractError": "errors",
    "StoreError": "errors",
    "PolicyError": "errors",
    "RunError": "errors",
    "StorageError": "errors",
    "__version__": "version",
}
"""Where each public name lives, in the order in which a reader meets them."""

__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'clearscale' has no attribute '{name}'")
    value = globals()[name] = getattr(import_module(f".{home}", __name__), name)
    return value


def __dir__() -> list[str]:
    return list(__all__)
