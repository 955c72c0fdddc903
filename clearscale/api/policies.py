"""Policies made in Python, and what their rules can ask."""

from collections.abc import Mapping
from typing import Any

from clearscale.errors import PolicyError
from clearscale.policy import FACTS, Policy
from clearscale.policy.choosing import IN_MEMORY
from clearscale.policy.reading import read_tables


def make_policy(document: Mapping[str, Any], parameters: Mapping[str, Any] | None = None) -> Policy:
    """Make a policy of what a policy file would state, for `run`, `sweep` and the like.

    Parameters
    ----------
    document : mapping of str to object
        The keys of a policy file (`docs/reference/policy-language.md`): `id`, `title`, and in `rule` a list of
        rules, each with `if` (a list of conditions on facts), `then` and `because`.
    parameters : mapping of str to object, optional
        Values for its parameters instead of their defaults.

    Returns
    -------
    Policy
        The policy; `rules` are `Rule`s, whose `conditions` are comparisons of facts with numbers.

    Raises
    ------
    PolicyError
        If something is wrong with it or its parameters; all of it is said at once.

    Examples
    --------
    >>> import clearscale
    >>> policy = clearscale.make_policy(
    ...     {
    ...         "id": "everyone-over-forty",
    ...         "title": "Dismiss for people of 40 and more",
    ...         "parameters": {"age": {"default": 40, "min": 18, "max": 120, "meaning": "from this age on"}},
    ...         "rule": [
    ...             {"if": ["age >= {age}"], "then": "dismiss", "because": "{age} or older"},
    ...             {"if": [], "then": "hand-review", "because": "Younger"},
    ...         ],
    ...     },
    ...     {"age": 50},
    ... )
    >>> policy.rules[0].reason, policy.rules[0].conditions
    ('50 or older', (Condition(fact='age', operator='>=', value=50),))
    >>> clearscale.run("store", policy, "2020-07-01", "runs/over-fifty").info["policy"]["id"]
    'everyone-over-forty'
    """
    if not isinstance(document, Mapping):
        raise PolicyError(
            "the policy is no dict of the keys of a policy file; a pack or a file is named to `run` as it is"
        )
    return read_tables(dict(document), IN_MEMORY).policy(parameters)


def facts() -> dict[str, str]:
    """What conditions can ask of a conviction, its person and the record, and what each means.

    Returns
    -------
    dict of str to str
        The meaning of each fact, by its name.

    Examples
    --------
    >>> import clearscale
    >>> clearscale.facts()["deceased"]
    'the record says that the person is deceased'
    """
    return {name: fact.meaning for name, fact in FACTS.items()}
