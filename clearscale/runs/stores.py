"""The stores of finished runs, opened."""

from clearscale.errors import StoreError
from clearscale.io.files import Folder
from clearscale.store.charge_store import ChargeStore, open_charges
from clearscale.store.opened import Store, open_store
from clearscale_cluster.shown import shown_url

from .finished import FinishedRun


def open_store_of(run: FinishedRun) -> Store:
    """The store of a run over convictions, at the run's snapshot.

    Raises StoreError if it is not where it was, and as `open_store`.
    """
    _require_store(run)
    return open_store(run.info["store"], run.info["snapshot"])


def open_charges_of(run: FinishedRun) -> ChargeStore:
    """The store of a run over charges, at the run's snapshot.

    Raises StoreError if it is not where it was, and as `open_charges`.
    """
    _require_store(run)
    return open_charges(run.info["store"], run.info["snapshot"])


def _require_store(run: FinishedRun) -> None:
    store = run.info["store"]
    # Where the folder is there, whoever opens the store says what of it is missing or damaged.
    if Folder(store).is_local and not Folder(store).exists():
        raise StoreError(
            f"{run.folder.url}: its store is not at {shown_url(store)} any more; say where it is now with --store "
            "(in Python, `store=`)"
        )
