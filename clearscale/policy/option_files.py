"""Files of eligibility options, read as gogen read them; what it passed over in silence is found."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from clearscale.errors import closest, nearest
from clearscale.law import state

from .county_options import (
    BASELINE,
    DISMISS,
    PACK,
    REDUCE,
    RELIEF,
    SCREEN_SWITCHES,
    ReliefOption,
    relief_options,
    rules_by_parameter,
    with_bits,
)
from .findings import Finding, FoundError, shortened
from .model import Policy, Rule
from .packs import pack
from .parameters import Value
from .texts import Pairs, json_document

_SECTIONS = state().charges.sections


@dataclass
class StatedOptions:
    """Eligibility options, read.

    dismiss, reduce: sections in order. settings: by `ReliefOption.name`. refused: what makes them unusable, for
    gogen too. doubted: what gogen took without a word.
    """

    where: str = ""
    dismiss: tuple[str, ...] = ()
    reduce: tuple[str, ...] = ()
    settings: dict[str, Value] = field(default_factory=dict)
    refused: list[Finding] = field(default_factory=list)
    doubted: list[Finding] = field(default_factory=list)

    def refuse(self, name: str, text: str) -> None:
        """Note what makes the options unusable."""
        self.refused.append(Finding(name, text, self.where))

    def doubt(self, name: str, text: str) -> None:
        """Note what nobody can have meant."""
        self.doubted.append(Finding(name, text, self.where))


def read_options(options: str | bytes | Mapping[str, Any], where: str = "") -> StatedOptions:
    """Read eligibility options.

    Names match without regard to case, and of one that stands twice the last counts, as in the counties' program.

    options: the JSON text, or the object it holds. where: names them in messages. Raises FoundError for a text that
    is no JSON.
    """
    found = StatedOptions(where, settings={option.name: option.off for option in relief_options()})
    document: Any = options
    if isinstance(options, str | bytes):
        document = json_document(options, where, "eligibility options are not valid JSON")
    for name, value in _members(document, "", (BASELINE, RELIEF), found):
        if name == BASELINE:
            _read_baseline(value, found)
        else:
            _read_relief(value, found)
    both = [section for section in _SECTIONS if section in found.dismiss and section in found.reduce]
    for section in both:
        found.doubt("dismissed-and-reduced", f"section {section} is both dismissed and reduced")
    off = all(found.settings[option.name] == option.off for option in relief_options())
    if off and not found.dismiss and not found.reduce and not found.refused:
        found.doubt("nothing-chosen", "the options choose no section and no relief: felonies would stay undecided")
    return found


def _members(value: Any, place: str, known: Sequence[str], found: StatedOptions) -> Iterator[tuple[str, Any]]:
    """Yield the members of an object that are known, in order, each by its exact name; note the others."""
    if value is None:
        what = f"'{place.rstrip('.')}' is null" if place else "the options are null"
        found.doubt("null", what)
        return
    if isinstance(value, Mapping):
        value = Pairs(value.items())
    if not isinstance(value, Pairs):
        text = f"eligibility options: the value that should hold {known[0]} is not an object"
        found.refuse("wrong-type", text)
        return
    met: set[str] = set()
    for key, member in value:
        if not isinstance(key, str):
            found.refuse("wrong-type", f"eligibility options: a name in {place or 'the options'} is no text")
            continue
        name = next((name for name in known if _same(name, key)), None)
        if name is None:
            name = f"{place}{key}"
            found.doubt("unknown-option", f"{shortened(name)} is no option; {nearest(key, known)}")
            continue
        if name in met:
            found.doubt("duplicate-key", f"'{place}{name}' stands twice in one object")
        met.add(name)
        yield name, member


def _same(name: str, key: str) -> bool:
    return name == key or (len(name) == len(key) and name.casefold() == key.casefold())


def _read_baseline(value: Any, found: StatedOptions) -> None:
    for name, sections in _members(value, f"{BASELINE}.", (DISMISS, REDUCE), found):
        chosen = _sections(name, sections, found)
        if name == DISMISS:
            found.dismiss = chosen
        else:
            found.reduce = chosen


def _sections(name: str, values: Any, found: StatedOptions) -> tuple[str, ...]:
    place = f"{BASELINE}.{name}"
    if values is None:
        found.doubt("null", f"'{place}' is null")
        return ()
    if isinstance(values, str) or not isinstance(values, Sequence) or isinstance(values, Pairs):
        found.refuse("wrong-type", f"eligibility options: {place} should be a list of code sections")
        return ()
    if not all(isinstance(value, str) for value in values):
        example = f'["{_SECTIONS[0]}"]'
        text = f"eligibility options: {place} should be a list of code sections in quotes, such as {example}"
        found.refuse("wrong-type", text)
        return ()
    for value in dict.fromkeys(values):
        if value not in _SECTIONS:
            near = closest(value, _SECTIONS)
            hint = f"; did you mean '{near}'?" if near else ""
            text = f"{place} holds {shortened(value)}; sections are {', '.join(_SECTIONS)}{hint}"
            found.refuse("unknown-section", f"eligibility options: {text}")
        elif values.count(value) > 1:
            found.doubt("repeated-section", f"section {value} stands {values.count(value)} times in {place}")
    return tuple(values)


def _read_relief(value: Any, found: StatedOptions) -> None:
    options = {option.key: option for option in relief_options()}
    switches = {key: name for name, key in SCREEN_SWITCHES.items()}
    switched: dict[str, bool] = {}
    # A misspelt option is told the nearest of those that do something.
    for key, setting in _members(value, f"{RELIEF}.", (*options, *switches), found):
        if setting is None:
            found.doubt("null", f"'{RELIEF}.{key}' is null")
        elif key in options:
            _set(options[key], setting, found)
        elif isinstance(setting, bool):
            switched[switches[key]] = setting
        else:
            found.doubt("wrong-type", f"{RELIEF}.{key} should be true or false")
    for option in relief_options():
        is_on = found.settings[option.name] != option.off
        if switched.get(option.name, is_on) != is_on:
            said = "false" if is_on else "true"
            threshold = found.settings[option.name] if is_on else "off"
            text = f"{RELIEF}.{SCREEN_SWITCHES[option.name]} is {said}, and {option.key} is {threshold}"
            found.doubt("contradiction", text)


def _set(option: ReliefOption, value: Any, found: StatedOptions) -> None:
    """Set an option, or note why it cannot be."""
    key = option.key
    unquoted = ", without quotes" if isinstance(value, str) else ""
    if option.is_switch:
        if isinstance(value, bool):
            found.settings[option.name] = value
        else:
            found.refuse("wrong-type", f"eligibility options: {RELIEF}.{key} should be true or false{unquoted}")
    elif not isinstance(value, int) or isinstance(value, bool):
        found.refuse("wrong-type", f"eligibility options: {RELIEF}.{key} should be a whole number{unquoted}")
    elif value not in option.settings:
        found.refuse(
            "out-of-range",
            f"{key[0].upper()}{key[1:]} should be between {option.first} and {option.last}, or {option.off}",
        )
    else:
        found.settings[option.name] = value


def policy_of(options: StatedOptions, name: str) -> Policy:
    """Make the policy that options say. name: its id. Raises FoundError if they are unusable."""
    if options.refused:
        raise FoundError(options.refused)
    document = pack(PACK)
    texts = rules_by_parameter()
    settings = options.settings
    # What a county adds is law by its choice; so the counties' program cited one source for every rule.
    law = texts[relief_options()[0].name].law

    def rule(parameter: str) -> Rule:
        found = document.rule(texts[parameter], settings)
        return replace(found, conditions=with_bits(found.conditions), law=law)

    dismissing = [rule(f"{DISMISS}_{section}") for section in options.dismiss]
    reducing = [rule(f"{REDUCE}_{section}") for section in options.reduce]
    chosen = [rule(option.name) for option in relief_options() if settings[option.name] != option.off]
    return Policy(
        id=name,
        title="Eligibility options as chosen by a county",
        rules=(rule(""), *dismissing, *chosen, *reducing),
        dismiss_sections=_with_reasons(options.dismiss, dismissing),
        reduce_sections=_with_reasons(options.reduce, reducing),
    )


def _with_reasons(sections: Sequence[str], rules: Sequence[Rule]) -> tuple[tuple[str, str], ...]:
    return tuple((section, rule.reason) for section, rule in zip(sections, rules, strict=True))


def gogen_policy(options: str | bytes | Mapping[str, Any], name: str = "eligibility-options") -> Policy:
    """Make the policy that options say, as the counties' program took them.

    Parameters
    ----------
    options
        The JSON text, or the object it holds.
    name
        The policy's id.

    Returns
    -------
    Policy
        Its rules are those of the pack, of the sections in the order in which the options name them.

    Raises
    ------
    FoundError
        For text that is no JSON, an unknown section or a threshold out of its range; a PolicyError.
    """
    return policy_of(read_options(options), name)
