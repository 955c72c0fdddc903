"""The policy that a run over charges was made with, from the run's own record."""

from clearscale.errors import ClearscaleError, RunError
from clearscale.policy.model import digest_of
from clearscale.relief import ChargePolicy
from clearscale.relief.recorded import policy_from
from clearscale.runs.recorded import other_version

from .opened import ChargeRun


def recorded_policy(run: ChargeRun) -> ChargePolicy:
    """Read the run's policy. Raises RunError if this version does not read it as it was."""
    try:
        found = policy_from(run.info["policy"])
        same = found.digest() == digest_of(run.info["policy"]) == run.info["policy_digest"]
    except (KeyError, IndexError, TypeError, ValueError, ClearscaleError):
        same = False
    if not same:
        raise RunError(f"{run.folder.url}: its policy is not as this version writes it; {other_version(run)}")
    return found
