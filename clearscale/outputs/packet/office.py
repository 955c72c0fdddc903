"""Who makes the papers: an office's file, such as `office.toml`, read and checked."""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clearscale.errors import ClearscaleError, closest
from clearscale_cluster.shown import has_shape

from .templates import packaged

KEYS: dict[str, dict[str, type]] = {
    "office": {"name": str, "address": list, "contact": str, "attorney": str, "for": str},
    "court": {"name": str, "judge": str, "order_date": str},
    "order": {"title": str, "grounds": str},
    "declarant": {"name": str, "title": str},
    "notice": {"ask": list},
    "seal": {"image": str, "alt": str},
}
"""Tables and keys of the file, and whether each is a text or a list of texts."""

_KINDS: dict[type, str] = {str: "a text", list: "a list of texts"}
_IMAGES = (".svg", ".png", ".jpg", ".jpeg")
_LARGEST_IMAGE = 8_000_000


@dataclass(frozen=True)
class Office:
    """An office.

    Attributes
    ----------
    stated
        Texts, by table and key; all keys are there.
    seal
        Name and bytes of the image, None for none.
    digest
        SHA-256 of both.
    """

    stated: Mapping[str, Mapping[str, Any]]
    seal: tuple[str, bytes] | None
    digest: str

    @classmethod
    def packaged(cls) -> "Office":
        """The one that comes with the package, which is made up."""
        content = packaged("office.toml")
        stated = _checked(tomllib.loads(content.decode()), "office.toml")
        name = stated["seal"]["image"]
        return cls._of(stated, (name, packaged(name)))

    @classmethod
    def read(cls, path: Path) -> "Office":
        """The office of a file. Raises ClearscaleError for what it should not hold, and says what it may."""
        try:
            document = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise ClearscaleError(
                f"{path}: there is no such file; `clearscale packet --templates DIR` writes one to start with"
            ) from None
        except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise ClearscaleError(f"{path}: is no TOML in UTF-8 ({error})") from None
        stated = _checked(document, str(path))
        image = stated["seal"]["image"]
        return cls._of(stated, (_inside(image), _image(path, image)) if image else None)

    @classmethod
    def _of(cls, stated: Mapping[str, Mapping[str, Any]], seal: tuple[str, bytes] | None) -> "Office":
        found = hashlib.sha256(repr((sorted(stated.items()), seal)).encode())
        return cls(stated, seal, found.hexdigest())

    def document(self, county: str) -> dict[str, Any]:
        """The office as templates have it. county: filled in where a text names {county}."""
        office, court, declarant = (self.stated[name] for name in ("office", "court", "declarant"))
        return {
            "name": office["name"],
            "address": office["address"],
            "contact": office["contact"],
            "attorney": office["attorney"],
            "for_": office["for"],
            "judge": court["judge"],
            "order-date": court["order_date"],
            "declarant": declarant["name"],
            "declarant-title": declarant["title"],
            "ask": self.stated["notice"]["ask"],
        }


def _checked(document: Mapping[str, Any], where: str) -> dict[str, dict[str, Any]]:
    """All tables with all keys, empty where the file says nothing. Raises ClearscaleError, a line each problem."""
    wrong = [
        f"{where}: there is no table [{name}]; {_nearest(name, KEYS)}" for name in document if name not in KEYS
    ]
    stated: dict[str, dict[str, Any]] = {}
    for name, keys in KEYS.items():
        table = document.get(name, {})
        if not isinstance(table, dict):
            wrong.append(f"{where}: {name} is no table; write [{name}] above its keys")
            continue
        wrong += [f"{where}: [{name}] has no key {key}; {_nearest(key, keys)}" for key in table if key not in keys]
        stated[name] = {key: table.get(key, kind()) for key, kind in keys.items()}
        wrong += [
            f"{where}: [{name}] {key} must be {_KINDS[keys[key]]}, without line ends or characters that nobody sees"
            for key, value in stated[name].items()
            if not _is(value, keys[key])
        ]
    if not wrong and not stated["office"]["name"]:
        wrong = [f"{where}: [office] name is empty; it stands on every paper"]
    if wrong:
        raise ClearscaleError(*wrong)
    return stated


def _is(value: Any, kind: type) -> bool:
    texts = [value] if kind is str else value if isinstance(value, list) else [None]
    return all(isinstance(text, str) and has_shape(text) for text in texts)


def _nearest(word: str, known: Mapping[str, Any]) -> str:
    near = closest(word, known)
    return f"did you mean {near}?" if near else f"there are {', '.join(known)}"


def _inside(image: str) -> str:
    """The name that an image has beside the templates."""
    return f"seal{Path(image).suffix.lower()}"


def _image(path: Path, image: str) -> bytes:
    """The bytes of an image beside a file. Raises ClearscaleError."""
    place = path.parent / image
    if place.suffix.lower() not in _IMAGES:
        raise ClearscaleError(f"{path}: [seal] image must end in one of {', '.join(_IMAGES)}")
    try:
        if place.stat().st_size > _LARGEST_IMAGE:
            raise ClearscaleError(f"{place}: is larger than {_LARGEST_IMAGE // 1_000_000} MB; make it smaller")
        return place.read_bytes()
    except FileNotFoundError:
        raise ClearscaleError(f"{place}: there is no such image; {path} names it as the seal") from None
