"""Decisions counted: convictions by scope and rule, people by what relief leaves of their record."""

from . import facts
from .arrays import Bools, Int8s, Int16s, Int32s, Int64s
from .compiler import kernel

Relief = Int8s

NO_RELIEF, REDUCED, DISMISSED = 0, 1, 2
"""What a determination does for a person: nothing, a lesser conviction, no conviction."""

SOME_RELIEF, NO_FELONY, NO_CONVICTION, NO_RECENT, WITH_PROP64 = 1, 2, 4, 8, 16
"""Bits of what is counted of a person."""

MEASURES = 4
"""How many of these bits depend on a policy; they come first."""

_FELONY = facts.FELONY
_OWN_COUNTY = facts.OWN_COUNTY
_CANONICAL = facts.CANONICAL


@kernel
def count_convictions(
    extracts: Int32s,
    flags: Int32s,
    sections: Int8s,
    rules: Int8s | Int16s,
    event_dates: Int32s,
    by_rule: Int64s,
    by_section: Int64s,
    by_severity: Int64s,
    earliest: Int64s,
) -> None:
    """Count Prop 64 convictions: under the scope of their extract, and, once, under that of the state, the last.

    extracts, flags, sections (-1 is left out), rules (-1 is undecided), event_dates: shape (n,). Added to, with e
    scopes: by_rule, shape (e, rules + 1), undecided last; by_section, shape (e, 4); by_severity, shape (e, 2),
    felonies first; earliest, shape (e,), the least day number.
    """
    state = by_rule.shape[0] - 1
    undecided = by_rule.shape[1] - 1
    for i in range(extracts.size):
        section = sections[i]
        if section < 0:
            continue
        rule = rules[i] if rules[i] >= 0 else undecided
        severity = 0 if flags[i] & _FELONY else 1
        for view in range(2):
            scope = int(extracts[i]) if view == 0 else state
            if flags[i] & (_OWN_COUNTY if view == 0 else _CANONICAL):
                by_rule[scope, rule] += 1
                by_section[scope, section] += 1
                by_severity[scope, severity] += 1
                earliest[scope] = min(earliest[scope], event_dates[i])


@kernel
def count_people(
    bounds: Int64s,
    extracts: Int32s,
    canonical: Bools,
    others: Int32s,
    flags: Int32s,
    event_dates: Int32s,
    sections: Int8s,
    reliefs: Relief,
    recent: int,
    standings: Int8s,
    with_prop64: Int64s,
    measures: Int64s,
) -> None:
    """Count people: each history under the scope of its extract, canonical ones under that of the state, the last.

    A person's record is all of the history's convictions, in any county; a county's relief is that of its own.

    bounds: shape (h + 1,), the first candidate of each history. extracts, canonical: shape (h,). others: shape
    (3, h), see `neighbours.sum_others`. flags, event_dates, sections: of each candidate, shape (n,). reliefs: shape
    (p, n), what each of p policies does for it. recent: convictions after this day count as recent.

    Filled: standings, shape (2, h), bits of SOME_RELIEF to WITH_PROP64 under the first policy in the county's view
    (relief of its own convictions) and in the state's (of all, 0 for histories that are not canonical). Added to:
    with_prop64, shape (e,); measures, shape (e, p, MEASURES).
    """
    state = with_prop64.size - 1
    for h in range(bounds.size - 1):
        for view in range(2):
            standings[view, h] = 0
            if view == 1 and not canonical[h]:
                continue
            scope = extracts[h] if view == 0 else state
            counted = _OWN_COUNTY if view == 0 else _CANONICAL
            prop64 = False
            for i in range(bounds[h], bounds[h + 1]):
                prop64 |= flags[i] & counted != 0 and sections[i] >= 0
            if prop64:
                with_prop64[scope] += 1
                standings[view, h] = WITH_PROP64
            for p in range(reliefs.shape[0]):
                relieved = False
                felony = others[1, h] > 0
                felony_left = felony
                any_left = others[0, h] > 0
                conviction = any_left
                recent_any = others[2, h] > recent and any_left
                recent_left = recent_any
                for i in range(bounds[h], bounds[h + 1]):
                    # A county relieves its own convictions only; those of others stay on the record.
                    relief = reliefs[p, i] if flags[i] & counted else NO_RELIEF
                    dismissed = relief == DISMISSED
                    relieved |= relief != NO_RELIEF
                    conviction = True
                    any_left |= not dismissed
                    if flags[i] & _FELONY:
                        felony = True
                        felony_left |= relief == NO_RELIEF
                    if event_dates[i] > recent:
                        recent_any = True
                        recent_left |= not dismissed
                found = 0
                if relieved:
                    found |= SOME_RELIEF
                if felony and not felony_left:
                    found |= NO_FELONY
                if conviction and not any_left:
                    found |= NO_CONVICTION
                if recent_any and not recent_left:
                    found |= NO_RECENT
                for bit in range(MEASURES):
                    measures[scope, p, bit] += (found >> bit) & 1
                if p == 0:
                    standings[view, h] |= found


@kernel
def add_equal(keys: Int64s, counts: Int64s, out_keys: Int64s, out_counts: Int64s) -> int:
    """Add up the counts of equal keys.

    keys: shape (n,), sorted. counts: shape (n, c). out_keys, out_counts: shapes (n,) and (n, c), filled up to the
    number of distinct keys, which is returned.
    """
    found = 0
    for i in range(keys.size):
        if found == 0 or keys[i] != out_keys[found - 1]:
            out_keys[found] = keys[i]
            out_counts[found] = 0
            found += 1
        for c in range(counts.shape[1]):
            out_counts[found - 1, c] += counts[i, c]
    return found


@kernel
def add_bits(packed: Int64s, bits: int, out_keys: Int64s, out_counts: Int64s) -> int:
    """Count, for each key, how often each of its lowest bits is set.

    packed: shape (n,), sorted: the key above its lowest `bits` bits. out_keys, out_counts: shapes (n,) and (n,
    bits), filled up to the number of distinct keys, which is returned.
    """
    found = 0
    for i in range(packed.size):
        key = packed[i] >> bits
        if found == 0 or key != out_keys[found - 1]:
            out_keys[found] = key
            out_counts[found] = 0
            found += 1
        for bit in range(bits):
            out_counts[found - 1, bit] += (packed[i] >> bit) & 1
    return found
