"""Decisions counted: convictions by scope and rule, people by what relief leaves of their record."""

from clearscale_kernels import flag
from clearscale_kernels.arrays import Bools, Int8s, Int16s, Int32s, Int64s
from clearscale_kernels.jit.compiler import kernel

Relief = Int8s

NO_RELIEF, REDUCED, DISMISSED = 0, 1, 2
"""What a determination does for a person: nothing, a lesser conviction, no conviction."""

SOME_RELIEF, NO_FELONY, NO_CONVICTION, NO_RECENT, WITH_PROP64 = 1, 2, 4, 8, 16
"""Bits of what is counted of a person."""

MEASURES = 4
"""How many of these bits depend on a policy; they come first."""

_FELONY = flag.FELONY
_OWN_COUNTY = flag.OWN_COUNTY
_CANONICAL = flag.CANONICAL


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
    policies = reliefs.shape[0]
    everyone = (1 << policies) - 1
    for h in range(bounds.size - 1):
        # A bit a policy: what relief there is, and what is left of a kind of conviction. Of two views at once: a
        # county relieves its own convictions only, and those of others stay on the record.
        relieved, state_relieved = 0, 0
        left = state_left = everyone if others[0, h] > 0 else 0
        felonies_left = state_felonies_left = everyone if others[1, h] > 0 else 0
        recent_left = state_recent_left = everyone if others[2, h] > recent and others[0, h] > 0 else 0
        conviction, felony, late = left != 0, felonies_left != 0, recent_left != 0
        prop64, state_prop64 = False, False
        for i in range(bounds[h], bounds[h + 1]):
            given, dismissed = 0, 0
            for p in range(policies):
                given |= int(reliefs[p, i] != NO_RELIEF) << p
                dismissed |= int(reliefs[p, i] == DISMISSED) << p
            own, whole = flags[i] & _OWN_COUNTY != 0, flags[i] & _CANONICAL != 0
            own_given, own_dismissed = (given, dismissed) if own else (0, 0)
            given, dismissed = (given, dismissed) if whole else (0, 0)
            conviction = True
            relieved |= own_given
            state_relieved |= given
            left |= everyone & ~own_dismissed
            state_left |= everyone & ~dismissed
            if flags[i] & _FELONY:
                felony = True
                felonies_left |= everyone & ~own_given
                state_felonies_left |= everyone & ~given
            if event_dates[i] > recent:
                late = True
                recent_left |= everyone & ~own_dismissed
                state_recent_left |= everyone & ~dismissed
            if sections[i] >= 0:
                prop64 |= own
                state_prop64 |= whole
        for view in range(2):
            standings[view, h] = 0
            if view == 1:
                if not canonical[h]:
                    continue
                relieved, left, felonies_left = state_relieved, state_left, state_felonies_left
                recent_left, prop64 = state_recent_left, state_prop64
            scope = int(extracts[h]) if view == 0 else state
            if prop64:
                with_prop64[scope] += 1
                standings[view, h] = WITH_PROP64
            for p in range(policies):
                found = 0
                if relieved >> p & 1:
                    found |= SOME_RELIEF
                if felony and not felonies_left >> p & 1:
                    found |= NO_FELONY
                if conviction and not left >> p & 1:
                    found |= NO_CONVICTION
                if late and not recent_left >> p & 1:
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
def merge_counts(
    keys: Int64s, counts: Int64s, other_keys: Int64s, other_counts: Int64s, out_keys: Int64s, out_counts: Int64s
) -> int:
    """Bring two tables of counts together, those of equal keys added up.

    keys, other_keys: shapes (n,) and (m,), sorted, each once. counts, other_counts: shapes (n, c) and (m, c).
    out_keys, out_counts: shapes (n + m,) and (n + m, c), filled up to the number of distinct keys, which is
    returned.
    """
    i, j, found = 0, 0, 0
    while i < keys.size or j < other_keys.size:
        one = j == other_keys.size or (i < keys.size and keys[i] <= other_keys[j])
        other = i == keys.size or (j < other_keys.size and other_keys[j] <= keys[i])
        out_keys[found] = keys[i] if one else other_keys[j]
        for c in range(counts.shape[1]):
            out_counts[found, c] = (counts[i, c] if one else 0) + (other_counts[j, c] if other else 0)
        i += one
        j += other
        found += 1
    return found


@kernel
def count_bits(packed: Int64s, bits: int, slots: Int32s, out_keys: Int64s, out_counts: Int64s) -> int:
    """Count, for each key, how often each of its lowest bits is set.

    packed: shape (n,), the key, at least 0, above its lowest `bits` bits. slots: shape (2^k,), zeros, at least
    twice n. out_keys, out_counts: shapes (n,) and (n, bits), zeros, filled up to the number of distinct keys, which
    is returned; keys stand in order of first appearance.
    """
    mask = slots.size - 1
    found = 0
    for i in range(packed.size):
        key = packed[i] >> bits
        # Keys are sums of few different numbers: folded to 31 bits, they differ still.
        slot = ((((key ^ (key >> 31)) & 0x7FFFFFFF) * 0x9E3779B1) >> 22) & mask
        while slots[slot] and out_keys[slots[slot] - 1] != key:
            slot = (slot + 1) & mask
        if slots[slot] == 0:
            out_keys[found] = key
            found += 1
            slots[slot] = found
        place = slots[slot] - 1
        for bit in range(bits):
            out_counts[place, bit] += (packed[i] >> bit) & 1
    return found


@kernel
def pack_convictions(
    in_scope: Bools,
    flags: Int32s,
    histories: Int32s,
    sections: Int8s,
    counties: Int32s,
    years: Int16s,
    outcomes: Int64s,
    persons: Int64s,
    of_county: Int64s,
    of_section: Int64s,
    of_severity: Int64s,
    an_outcome: int,
    a_person: int,
    out: Int64s,
) -> int:
    """The rows of the table of convictions as numbers, each above two bits: of its own county, and of people once.

    in_scope, flags, histories, sections (-1 for a related charge), counties (codes), years (-1 for none), outcomes:
    of each candidate, shape (n,). persons: a number for each history's person, shape (h,). What adds to a number:
    of_county, by code; of_section, shape (5,), related charges last; of_severity, of felonies and of others;
    an_outcome and a_person, as often as outcomes and persons say; the year's place. out: shape (n,), filled up to
    the number of candidates that are in scope and counted at all, which is returned.
    """
    found = 0
    related = of_section.size - 1
    for i in range(flags.size):
        marks = int(flags[i] & _OWN_COUNTY != 0) | int(flags[i] & _CANONICAL != 0) << 1
        if not in_scope[i] or marks == 0:
            continue
        key = outcomes[i] * an_outcome + persons[histories[i]] * a_person + of_county[counties[i]]
        key += of_section[sections[i] if sections[i] >= 0 else related]
        key += of_severity[0 if flags[i] & _FELONY else 1]
        out[found] = (key + years[i] + 1) << 2 | marks
        found += 1
    return found


@kernel
def split_keys(keys: Int64s, sizes: Int64s, out: Int32s) -> None:
    """The places that keys are made of, the slowest first.

    keys: shape (n,). sizes: shape (a,), at least 1. out: shape (a, n), filled here.
    """
    for i in range(keys.size):
        rest = keys[i]
        for axis in range(sizes.size - 1, -1, -1):
            slower = rest // sizes[axis]
            out[axis, i] = rest - slower * sizes[axis]
            rest = slower
