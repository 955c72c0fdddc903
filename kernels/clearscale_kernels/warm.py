"""Every kernel called once on next to nothing, so that it is compiled, or loaded from the cache on disk."""

import numpy as np

from clearscale_kernels.jit.vectors import WIDTH
from clearscale_kernels.people.calendar import AGE, SPANS, ages, limits, parse_dates, spans, years_of
from clearscale_kernels.people.cases import CaseNumbers, CaseRows, CaseScratch, ConvictionPlaces, list_case_numbers
from clearscale_kernels.people.dealing import Renumbered, number_anew
from clearscale_kernels.people.fold import Codes, FoldedConvictions, FoldedHistories, HistoryRows, fold, table_size
from clearscale_kernels.people.neighbors import Convictions, mark_strikes, sum_others
from clearscale_kernels.policy.count import (
    Candidates,
    ConvictionCounts,
    Histories,
    PeopleCounts,
    count_convictions,
    count_people,
)
from clearscale_kernels.policy.decide import FactMatrices, MissingDates, Rules, all_rules, first_rules, pack, settle
from clearscale_kernels.policy.masks import KindCounts, PersonCounts, count_kinds, count_persons, decide_kinds
from clearscale_kernels.policy.options import (
    SETS,
    UNFOLDED,
    CandidatesInView,
    HistoriesInView,
    ProfileTable,
    left_out,
    profile_people,
    sum_up,
    survivors,
    unfold,
    words,
)
from clearscale_kernels.policy.parts import Decided, DecisionColumns, count_by_extract, deal_out, order_rows
from clearscale_kernels.policy.tables import (
    ConvictionRows,
    CountTable,
    Terms,
    add_equal,
    count_bits,
    merge_counts,
    pack_convictions,
    split_keys,
)
from clearscale_kernels.text.coding import CodedColumns, CodingScratch, Values, code_values, table_room
from clearscale_kernels.text.columns import gather, measure
from clearscale_kernels.text.copying import Copies, copy_records, record_scratch
from clearscale_kernels.text.cutting import cut_records
from clearscale_kernels.text.lines import most_bytes, write_lines
from clearscale_kernels.text.records import FoundRecords, Reading, Records, Suffixes, Text, reading_scratch
from clearscale_kernels.text.tokens import tokenize


def compile_kernels() -> None:
    """Call each kernel with the dtypes that it is used with.

    Every array is fresh zeros: kernels do not check indexes, so what one fills must not become another's index.
    """
    text = b"a,20200229\n"
    data = np.frombuffer(bytearray(text + bytes(WIDTH)), np.uint8)
    starts, ends, extents, details = (np.zeros((2, 1), np.int32) for _ in range(4))
    lines, problems, canonical = np.zeros(1, np.int64), np.zeros(1, np.int8), np.zeros(1, np.bool_)
    out = FoundRecords(starts, ends, extents, lines, problems, details, canonical)
    tokenize(Text(data, 0, len(text), True), Reading(np.arange(2), 100, True, True), reading_scratch(2), out)
    cut_records(np.frombuffer(text, np.uint8), True)
    most, codes, firsts = np.ones(1, np.int64), np.zeros((1, 1), np.int32), np.zeros((1, 1), np.int32)
    table, hashes, zero = np.zeros(table_room(most), np.int32), np.zeros((1, 1), np.uint32), np.zeros(1, np.int64)
    scratch = CodingScratch(table, hashes, firsts.copy(), zero.copy(), zero.copy())
    code_values(Values(data, starts, ends), 1, zero, most, scratch, CodedColumns(codes, firsts, zero.copy()))
    offsets = np.empty(2, np.int32)
    values = np.empty(measure(starts[0], ends[0], offsets), np.uint8)
    gather(data, starts[0], ends[0], offsets, values)
    renumbered = Renumbered(_int32(), _int32(), np.zeros(2, np.int64))
    number_anew(_int32(), np.array([0, 1], np.int64), _int32(), renumbered)
    parse_dates(data, starts[1], ends[1], _int32(), np.zeros(1, np.bool_))
    ages(_int32(), _int32(), _int16())
    years_of(_int32(), _int16())
    at_least = np.zeros(2 * SPANS + 1, np.int32)
    limits(AGE, 0, at_least)
    spans(_int32(), at_least, _int16())
    _compile_deciding()
    _compile_what_if()
    bounds, rows, columns = np.zeros(2, np.int64), np.zeros(1, np.int64), np.arange(2)
    records = Records(data, starts, ends, extents, canonical)
    suffixes = Suffixes(np.frombuffer(bytes(WIDTH), np.uint8), bounds, _int32())
    written = np.empty(most_bytes(records, columns, rows, suffixes), np.uint8)
    write_lines(records, columns, rows, suffixes, written)
    copies = Copies(*(np.zeros(2 * WIDTH, np.uint8) for _ in range(3)))
    copy_records(records, columns, suffixes, canonical.copy(), record_scratch(2), copies)
    _compile_fold()
    ones = np.array([0, 1], np.int64)
    tables, links = np.zeros((3, table_size(1)), np.int32), np.zeros((2, 1), np.int32)
    offsets = np.zeros(2, np.int32)
    places, listed = ConvictionPlaces(_int32(), ones), CaseNumbers(offsets, _int32())
    list_case_numbers(ones, CaseRows(_int32(), _int32()), places, CaseScratch(tables, links), listed)


def _int32() -> np.ndarray:
    return np.zeros(1, np.int32)


def _int16() -> np.ndarray:
    return np.zeros(1, np.int16)


def _compile_deciding() -> None:
    bounds, conditions = np.array([0, 1], np.int32), np.zeros((1, 5), np.int32)
    narrow, wide = np.zeros((1, 1), np.int16), np.zeros((1, 1), np.int32)
    rules, masks = np.zeros(1, np.int8), np.zeros(1, np.uint64)
    pack(np.zeros((1, 1), np.bool_), narrow[0])
    first_rules(Rules(bounds, conditions), FactMatrices(narrow, wide), rules)
    all_rules(Rules(bounds, conditions), FactMatrices(narrow, wide), masks)
    scope, missing = np.zeros(1, np.bool_), np.zeros(1, np.bool_)
    settle(scope, _int32(), MissingDates(_int32(), _int32(), _int16()), rules, missing)
    first, one, counts = np.array([0, 1], np.int64), np.zeros(1, np.int64), np.zeros((1, 2), np.int64)
    whether, others = np.zeros(1, np.bool_), np.zeros((3, 1), np.int32)
    sections, twice = np.zeros(1, np.int8), np.zeros((2, 2), np.int64)
    fours, scopes = np.zeros((2, 4), np.int64), np.zeros(2, np.int64)
    candidates = Candidates(_int32(), _int32(), sections)
    count_convictions(candidates, _int32(), rules, ConvictionCounts(twice, fours, twice.copy(), scopes))
    reliefs, standings = np.zeros((1, 1), np.int8), np.zeros((2, 1), np.int8)
    measures = np.zeros((2, 1, 4), np.int64)
    histories = Histories(first, _int32(), whether, others)
    count_people(histories, candidates, reliefs, 0, PeopleCounts(standings, scopes, measures))
    table = CountTable(one, counts)
    add_equal(table, CountTable(one.copy(), counts.copy()))
    merge_counts(table, table, CountTable(np.zeros(2, np.int64), np.zeros((2, 2), np.int64)))
    count_bits(one, 2, np.zeros(2, np.int32), CountTable(one.copy(), counts))
    of_section, of_severity = np.zeros(5, np.int64), np.zeros(2, np.int64)
    convictions = ConvictionRows(whether, _int32(), _int32(), sections, _int32(), _int16(), one)
    pack_convictions(convictions, one, Terms(one, of_section, of_severity, 0, 0), one.copy())
    split_keys(one, np.ones(2, np.int64), np.zeros((2, 1), np.int32))
    decided = Decided(whether, _int32(), _int32(), _int32(), _int32(), _int32(), _int16(), whether)
    count_by_extract(decided, _int32(), one.copy())
    dealt = DecisionColumns(_int32(), _int32(), _int32(), _int16(), np.zeros(1, np.uint8))
    deal_out(decided, _int32(), _int16(), one.copy(), dealt)
    order_rows(np.zeros(1, np.int64), np.zeros(1, np.uint32), _int32(), _int32())
    cases, strikes = np.zeros(1, np.int64), np.zeros((2, 1), np.int32)
    record = Convictions(whether, _int32(), _int16(), _int16(), cases, _int32())
    mark_strikes(first, record, _int32(), strikes)
    sum_others(first, record, others, _int32())


def _compile_what_if() -> None:
    first, one, whether = np.array([0, 1], np.int64), np.zeros(1, np.int64), np.zeros(1, np.bool_)
    small, profiles, eligible = np.zeros(1, np.int8), np.zeros((1, words(1)), np.int64), np.zeros((1, 4), np.int64)
    candidates = CandidatesInView(whether, small, _int32(), whether, small, whether)
    others, persons = np.zeros((3, 1), np.int32), np.zeros((4, 1), np.int8)
    histories = HistoriesInView(first, whether, _int32(), others, persons)
    profile_people(histories, candidates, 0, ProfileTable(profiles, eligible))
    left_out(profiles, one, small, 0, 7, np.zeros((4, SETS, 2, 1, 1, 4), np.int32))
    unfold(profiles, small, np.zeros((UNFOLDED, 1), np.int8))
    cubes = np.zeros((1, 2, 1, 1, 4), np.int32)
    survivors(first, one, one, cubes)
    sum_up(cubes)
    kinds, rules, relief = np.zeros((1, 2), np.int64), np.zeros(1, np.int32), np.zeros(1, np.int8)
    decide_kinds(kinds, rules, relief, False, relief.copy())
    count_kinds(KindCounts(one, one, one), kinds, relief, np.zeros((1, 3, 6), np.int64))
    count_persons(PersonCounts(first, one, one, one, one), kinds, relief, np.zeros((1, 4), np.int64))


def _compile_fold() -> None:
    fold(
        np.array([0, 1], np.int64),
        HistoryRows(_int32(), _int16(), _int32(), _int32(), _int32()),
        Codes(np.zeros(1, np.int8), _int32()),
        np.zeros((5, table_size(1)), np.int32),
        FoldedConvictions(_int32(), _int16(), _int32()),
        FoldedHistories(np.zeros(2, np.int64), _int16(), np.zeros((1, 4), np.int32), _int32()),
    )
