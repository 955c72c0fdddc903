"""Damage to files as disks, cables and people do it."""

import random
from dataclasses import dataclass
from pathlib import Path

KINDS = ("bit", "byte", "zeros", "cut", "emptied", "swapped", "removed")


@dataclass(frozen=True)
class Damaged:
    """What was done to which files."""

    kind: str
    files: tuple[Path, ...]

    def named_in(self, message: str) -> bool:
        """Whether a message names one of the files, or the folder that a removed document had finished."""
        named = [str(file) for file in self.files]
        if self.kind == "removed":
            named += [f"{file.parent}: there is no finished" for file in self.files]
        return any(name in message for name in named)


def damage(folder: Path, seed: int, kind: str | None = None) -> Damaged:
    """Damage a file below a folder, or two. Files that other folders share by links stay as they are there."""
    chance = random.Random(seed)
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    file, kind = chance.choice(files), kind or chance.choice(KINDS)
    content = bytearray(file.read_bytes())
    others = [path for path in files if path.suffix == file.suffix and path.read_bytes() != content]
    if kind == "swapped" and others:
        other = chance.choice([path for path in others if path.parent == file.parent] or others)
        swapped = other.read_bytes()
        _put(other, bytes(content))
        _put(file, swapped)
        return Damaged(kind, (file, other))
    if kind == "removed":
        file.unlink()
        return Damaged(kind, (file,))
    _put(file, _changed(content, kind, chance))
    return Damaged(kind, (file,))


def _changed(content: bytearray, kind: str, chance: random.Random) -> bytes:
    place = chance.randrange(max(len(content), 1))
    if kind == "emptied" or not content:
        return b""
    if kind == "cut":
        return bytes(content[:place])
    if kind == "zeros":
        size = len(content[place : place + 512])
        content[place : place + 512] = bytes(size)
    elif kind == "byte":
        content[place] = (content[place] + chance.randrange(1, 256)) % 256
    else:
        content[place] ^= 1 << chance.randrange(8)
    return bytes(content)


def _put(file: Path, content: bytes) -> None:
    file.unlink()
    file.write_bytes(content)
