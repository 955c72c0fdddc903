"""The policy that a run over charges was made with, from the run's own record."""

from clearscale.relief import ChargePolicy
from clearscale.relief.recorded import policy_from
from clearscale.runs.recorded import as_recorded

from .opened import ChargeRun


def recorded_policy(run: ChargeRun) -> ChargePolicy:
    """Read the run's policy. Raises RunError if this version does not read it as it was."""
    return as_recorded(run, policy_from)
