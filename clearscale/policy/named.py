"""Policies that have a name, and how a policy is found by name or file."""

from ..errors import PolicyError
from ..files import Source
from .gogen_options import gogen_policy
from .model import DISMISS, Policy, Rule

DISMISS_ALL = Policy(
    id="ca-dismiss-all",
    title="Dismiss all Prop 64 convictions",
    rules=(Rule((), DISMISS, "Dismiss all Prop 64 charges", "Health & Safety Code 11361.9"),),
)
DISMISS_ALL_AND_RELATED = Policy(
    id="ca-dismiss-all-and-related",
    title="Dismiss all Prop 64 and related convictions",
    rules=(Rule((), DISMISS, "Dismiss all Prop 64 and related charges", "Health & Safety Code 11361.9"),),
    related=True,
)

NAMED: dict[str, Policy] = {policy.id: policy for policy in (DISMISS_ALL, DISMISS_ALL_AND_RELATED)}
"""Policies that need no file."""


def load_policy(reference: str) -> Policy:
    """The policy of that name, or the eligibility options (JSON) in the file at that path or URL.

    Raises PolicyError if there is neither, or the file's content is no policy.
    """
    if reference in NAMED:
        return NAMED[reference]
    try:
        with Source(reference).open() as file:
            content = file.read()
    except (FileNotFoundError, IsADirectoryError):
        raise PolicyError(
            f"there is no policy '{reference}': it is neither a file nor one of {', '.join(NAMED)}"
        ) from None
    stem = reference.rstrip("/").rpartition("/")[2].partition(".")[0]
    return gogen_policy(content, name=stem)
