"""How long a store keeps what nobody needs any more: a setting of the store."""

from dataclasses import asdict, dataclass

from clearscale.errors import ClearscaleError, StoreError
from clearscale.io.files import Folder

SETTINGS = "settings.json"


@dataclass(frozen=True)
class Keeping:
    """snapshots: how many of the newest are kept. quarantine_days: for how long quarantine is. None: for good."""

    snapshots: int | None = None
    quarantine_days: int | None = None

    def check(self) -> None:
        """Raise ClearscaleError if nothing is said, or what cannot be."""
        if self.snapshots is None and self.quarantine_days is None:
            raise ClearscaleError(
                "nothing says how long anything is kept; name --keep SNAPSHOTS or --quarantine-days DAYS, and "
                "--save to have the store remember it"
            )
        if self.snapshots is not None and self.snapshots < 1:
            raise ClearscaleError("--keep: the snapshot in force always stays; name 1 or more")
        if self.quarantine_days is not None and self.quarantine_days < 0:
            raise ClearscaleError("--quarantine-days: name 0 days or more")

    def write(self, store: Folder) -> None:
        """Make it the store's setting."""
        store.write_json(SETTINGS, asdict(self), lasting=True)


def read_keeping(store: Folder) -> Keeping:
    """The setting of a store; nothing without one. Raises StoreError if it is none."""
    if not store.exists(SETTINGS):
        return Keeping()
    url = store.folder(SETTINGS).url
    try:
        document = store.read_json(SETTINGS)
        keeping = Keeping(**document)
    except (ValueError, TypeError, RecursionError):
        raise StoreError(f'{url}: is no setting; write {{"snapshots": 3, "quarantine_days": 90}}') from None
    for name, value in asdict(keeping).items():
        if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
            raise StoreError(f"{url}: {name} is no whole number")
    return keeping
