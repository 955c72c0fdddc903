"""The chart of a sweep over charges: exact counts, so it is not for publication."""

from clearscale.relief.outcomes import NOT_ELIGIBLE
from clearscale.whatif.sweep.cube import Figures
from clearscale.whatif.sweep.page import Head, Panels, written

from .plan import AS_OF, ChargePlan

NOT_FOR_PUBLICATION = "Not for publication: this page and the tables beside it hold exact counts, small ones too."


def page(plan: ChargePlan, statewide: Figures) -> str:
    """Write the page of a sweep.

    Parameters
    ----------
    plan
        Its policies.
    statewide
        Figures of the state under each policy, by name. Shapes (policies,).

    Returns
    -------
    str
        HTML that needs no network.
    """
    charted = plan.charted()
    when = "as of each date" if AS_OF in plan.axes else f"as of {charted.as_of}"
    subtitle = (
        f"Charges that are decided {when}, statewide, each person once for each outcome. {charted.size:,} policies."
    )
    return written(charted, _panels(plan), statewide, None, Head(subtitle, warning=NOT_FOR_PUBLICATION))


def _panels(plan: ChargePlan) -> Panels:
    """What is drawn: all outcomes but the one that is what the others leave."""
    shown = [
        (outcome.name.replace("-", "_"), outcome.text.partition(":")[0].lower())
        for outcome in plan.outcomes
        if outcome != NOT_ELIGIBLE
    ]
    return tuple(
        (title, tuple((f"{title.lower()}_{name}", text) for name, text in shown)) for title in ("Charges", "People")
    )
