"""How probable it is that two identities are one person's, by the model's numbers: splink on DuckDB, in memory."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from clearscale.errors import ClearscaleError
from clearscale_cluster.extras import missing
from clearscale_kernels.arrays import Int64s

from .identities import Identity
from .model import UNSAID, Model, kind_of, value_of

Float64s = npt.NDArray[np.float64]

Frequencies = Mapping[str, Mapping[str, float]]
"""How frequent values are, by column."""

_DIGITS = 9
"""A score has so many decimals: what lies behind them is of the processor."""


@dataclass(frozen=True)
class Pairs:
    """Pairs of identities that may be one person's, the likeliest first, then in the order of the identities.

    Parameters
    ----------
    left, right
        Places of identities, left < right.
    score
        How probable it is, 0 to 1.
    agreed
        What was compared, and how it agreed: texts such as `birth_date same, sex other`.
    """

    left: Int64s
    right: Int64s
    score: Float64s
    agreed: list[str]


def frequencies(model: Model, identities: Sequence[Identity]) -> Frequencies:
    """How frequent each value is, of the columns in which that counts, as `model.toml` says."""
    found = {}
    for column in model.compared(_numbers(identities)):
        usual = [level.others for level in model.levels[kind_of(column)] if level.usual]
        if usual:
            counts = Counter(value for identity in identities if (value := value_of(identity, column)))
            pretended, total = model.pretended, counts.total()
            found[column] = {
                value: (count + pretended * usual[0]) / (total + pretended) for value, count in counts.items()
            }
    return found


def repeated(model: Model, identities: Sequence[Identity], known: Frequencies) -> Float64s:
    """How probable it is that two records of the same identity are of one person, for each identity."""
    prior = model.prior(len(identities))
    columns = model.compared(_numbers(identities))
    found = []
    for identity in identities:
        odds = prior / (1 - prior)
        for column in columns:
            value = value_of(identity, column)
            wanted = "same" if value else UNSAID
            for level in model.levels[kind_of(column)]:
                if level.name == wanted:
                    odds *= level.same / (known[column][value] if value and level.usual else level.others)
        found.append(odds / (1 + odds))
    return np.array([round(probability, _DIGITS) for probability in found], np.float64)


def _numbers(identities: Sequence[Identity]) -> int:
    return len(identities[0].numbers) if identities else 0


def scored(identities: Sequence[Identity], model: Model, known: Frequencies, doubtful: float) -> Pairs:
    """Compare identities.

    Parameters
    ----------
    identities
        Sorted, each once.
    model
        What agreements weigh.
    known
        How frequent values are.
    doubtful
        Pairs of lower scores are left out.

    Returns
    -------
    Pairs

    Raises
    ------
    ClearscaleError
        If splink is not installed.
    """
    if len(identities) < 2:
        none = np.empty(0, np.int64)
        return Pairs(none, none, np.empty(0, np.float64), [])
    columns = model.compared(_numbers(identities))
    with _silent():
        found = _predicted(_table(identities, columns), known, model, columns, doubtful)
    first, second = (found[name].to_numpy().astype(np.int64) for name in ("id_l", "id_r"))
    score = np.round(found["match_probability"].to_numpy(), _DIGITS)
    left, right = np.minimum(first, second), np.maximum(first, second)
    order = np.lexsort((right, left, -score))
    order = order[score[order] >= doubtful]
    levels = [_said(column, found[f"gamma_{column}"].to_numpy(), model) for column in columns]
    agreed = [", ".join(filter(None, (level[place] for level in levels))) for place in order.tolist()]
    return Pairs(left[order], right[order], score[order], agreed)


def _table(identities: Sequence[Identity], columns: Sequence[str]) -> pa.Table:
    values = {
        name: pa.array([value_of(identity, name) or None for identity in identities], pa.string())
        for name in columns
    }
    changed = [f"{born[:4]}{born[6:]}{born[4:6]}" if (born := identity.born) else None for identity in identities]
    lists = pa.list_(pa.string())
    return pa.table(
        {
            "id": pa.array(range(len(identities)), pa.int64()),
            **values,
            "last_words": pa.array([identity.last.split() or None for identity in identities], lists),
            "birth_exchanged": pa.array(changed, pa.string()),
        }
    )


def _predicted(
    table: pa.Table, known: Frequencies, model: Model, columns: Sequence[str], doubtful: float
) -> pa.Table:
    """Pairs with a probability and, in `gamma_COLUMN`, how each column agreed."""
    try:
        import duckdb
        from splink import DuckDBAPI, Linker
    except ImportError:
        raise ClearscaleError(missing("linking people needs", "splink", "link")) from None
    connection = duckdb.connect(config={"autoinstall_known_extensions": False, "autoload_known_extensions": False})
    try:
        # Names stay in memory: nothing is spilled to disk, no file or network is reached.
        for setting in ("temp_directory = ''", "enable_external_access = false", "enable_progress_bar = false"):
            connection.execute(f"set {setting}")
        api = DuckDBAPI(connection)
        linker = Linker(api.register(table), model.settings(table.num_rows, columns))
        for column, values in known.items():
            listed = {column: pa.array(list(values), pa.string()), f"tf_{column}": pa.array(list(values.values()))}
            linker.table_management.register_term_frequency_lookup(api.register(pa.table(listed)), column)
        predicted = linker.inference.predict(threshold_match_probability=doubtful / 2, warning_mode="never")
        wanted = ["id_l", "id_r", "match_probability", *(f"gamma_{column}" for column in columns)]
        found: pa.Table = predicted.as_duckdbpyrelation().select(*wanted).to_arrow_table()
        return found
    finally:
        connection.close()


def _said(column: str, levels: Int64s, model: Model) -> list[str]:
    """How a column agreed, for each pair, empty where one of both says nothing: splink counts levels downwards."""
    names = [level.name for level in reversed(model.levels[kind_of(column)])]
    return [f"{column} {names[level]}" if level >= 0 else "" for level in levels.tolist()]


@contextmanager
def _silent() -> Iterator[None]:
    """Have splink say nothing: its messages are for who trains a model, and may quote values."""
    logger = logging.getLogger("splink")
    handlers, propagate = logger.handlers, logger.propagate
    logger.handlers, logger.propagate = [logging.NullHandler()], False
    try:
        yield
    finally:
        logger.handlers, logger.propagate = handlers, propagate
