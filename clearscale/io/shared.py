"""Whether all workers of a cluster see the folders that a command reads and writes, found out before it begins.

A worker elsewhere may see another folder under the same path, or an empty one: it would read other records, or
write where nobody looks. So it must find what the command's own process has written.
"""

import contextlib
import hashlib
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from clearscale.errors import StorageError
from clearscale_cluster import Cluster

from .files import Folder
from .private import WRITING
from .urls import absolute

TOKEN = f"{WRITING}shared-"
"""Prefix of the file by which workers know a folder that is written; as one that is being written, it is tidied."""


@dataclass(frozen=True)
class Sight:
    """A file that a worker must see as this process does.

    folder: its bytes are compared as they are stored, so it is without encryption.
    """

    folder: Folder
    name: str
    digest: str

    @classmethod
    def of(cls, folder: Folder, name: str) -> "Sight":
        """What this process sees."""
        plain = Folder(absolute(folder.url))
        return cls(plain, name, _digest(plain.read(name)))

    def __call__(self) -> str | None:
        """Return what is wrong, in the process that this is called in; None if nothing is."""
        place = self.folder.url
        try:
            found = _digest(self.folder.read(self.name))
        except (FileNotFoundError, NotADirectoryError):
            return f"does not see {place} as this machine does: {self.name} is not there; {_REMEDY}"
        except StorageError as error:
            return f"cannot read what it must see: {error}"
        except PermissionError:
            return f"may not read {place}/{self.name} (Permission denied); {_SAME_USER}"
        except OSError as error:
            return f"cannot read {place}/{self.name} ({error.strerror}); {_REMEDY}"
        if found != self.digest:
            return f"sees another folder at {place} than this machine: {self.name} differs; {_REMEDY}"
        return None


_REMEDY = "let all machines reach the same folder by the same path, or use an object storage"
_SAME_USER = "files are for the user who made them: give commands as the user whom workers run as"


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextlib.contextmanager
def seen_by_all(
    cluster: Cluster, *, written: Sequence[Folder] = (), read: Sequence[tuple[Folder, str]] = ()
) -> Iterator[None]:
    """Require of all workers, while this lasts, that they see folders as this process does.

    Raises ClusterError, which names the host, for a worker that does not.

    Parameters
    ----------
    cluster
        Whose workers; nothing is done if they work on this machine.
    written
        Folders that tasks write into; a file is put there for as long.
    read
        Folders that tasks only read, and the name of a file in each that tells it from others.
    """
    if cluster.shares_files:
        yield
        return
    name = f"{TOKEN}{secrets.token_hex(8)}"
    with contextlib.ExitStack() as tokens:
        sights = [Sight.of(folder, file) for folder, file in read]
        for folder in (Folder(absolute(folder.url)) for folder in written):
            content = secrets.token_bytes(16)
            tokens.callback(folder.remove_if_empty)
            tokens.callback(folder.remove, name)
            folder.write(name, content)
            sights.append(Sight(folder, name, _digest(content)))
        tokens.enter_context(cluster.required(*sights))
        yield
