"""The table of the counties' options, which is the pack's: as the counties' program of 2019 had them."""

import pytest

from clearscale.policy import Condition, gogen_policy, pack
from clearscale.policy.county_options import ReliefOption, options_of, relief_options, with_bits
from clearscale.whatif.sweep.option_family import EVERYTHING

SWITCH, AGES, YEARS = (False, True), (0, *range(40, 66)), (0, *range(1, 16))
OPTIONS = (
    ("under_21", "subjectUnder21AtConviction", SWITCH, "age_at_conviction", "<"),
    ("age", "subjectAgeThreshold", AGES, "age", ">="),
    ("years_since", "yearsSinceConvictionThreshold", YEARS, "years_since_conviction", ">="),
    ("years_crime_free", "yearsCrimeFreeThreshold", YEARS, "years_crime_free", ">="),
    ("only_prop64", "subjectHasOnlyProp64Charges", SWITCH, "only_prop64", "=="),
    ("deceased", "subjectIsDeceased", SWITCH, "deceased", "=="),
)


def test_the_options() -> None:
    found = [
        (option.name, option.key, option.settings, option.fact, option.operator) for option in relief_options()
    ]
    assert found == list(OPTIONS)
    assert [option.is_switch for option in relief_options()] == [True, False, False, False, True, True]
    assert relief_options()[0].value == 21


def test_every_parameter_of_the_pack_is_an_option() -> None:
    baseline = {
        f"{what}_{section}" for what in ("dismiss", "reduce") for section in ("11357", "11358", "11359", "11360")
    }
    assert set(pack("ca-bear-default").parameters) - baseline == {option.name for option in relief_options()}


def test_a_sweep_has_an_axis_for_each_option_in_the_order_of_their_rules() -> None:
    assert {name: EVERYTHING.axes[name] for name in list(EVERYTHING.axes)[2:]} == {
        option.name: option.settings for option in relief_options()
    }
    assert list(EVERYTHING.axes)[2:] == [option.name for option in relief_options()]


@pytest.mark.parametrize("option", relief_options(), ids=lambda option: option.name)
def test_off_has_the_last_place(option: ReliefOption) -> None:
    found = [option.place(setting) for setting in option.settings]
    assert found == [len(found) - 1, *range(len(found) - 1)]


@pytest.mark.parametrize("option", relief_options(), ids=lambda option: option.name)
def test_an_option_brings_its_rule_and_no_other(option: ReliefOption) -> None:
    for setting in option.settings:
        policy = gogen_policy(options_of((), (), {option.name: setting}))
        if setting == option.off:
            assert len(policy.rules) == 1
            continue
        _, rule = policy.rules
        wanted = option.value if option.is_switch else setting
        assert rule.conditions == (Condition(option.fact, option.operator, wanted),)
        assert option.is_switch or str(setting) in rule.reason


def test_sections_are_asked_of_the_charge_in_the_order_of_the_options() -> None:
    policy = gogen_policy(options_of(("11360", "11357"), ("11358",), {}))
    assert [rule.conditions[0].value for rule in policy.rules[1:]] == [8, 1, 2]
    assert policy.dismiss_sections == (
        ("11360", "Dismiss all HS 11360 convictions"),
        ("11357", "Dismiss all HS 11357 convictions"),
    )
    assert {rule.law for rule in policy.rules} == {"Health & Safety Code 11361.9; county option"}


def test_other_conditions_stay_as_they_are() -> None:
    plain = (Condition("code_section begins with '11357'", "==", 1), Condition("felony", "==", 0))
    assert with_bits(plain) == plain
