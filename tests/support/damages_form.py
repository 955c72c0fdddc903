"""Damages to the form of an extract, at random places and shares: header, fields, encoding, separators, archives.

Each takes an extract with a header, LF line ends and no quoted line break. What it returns names the findings that
tell of the damage; an extract that it leaves as good as it was has none.
"""

import bz2
import gzip
import io
import lzma
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pyarrow as pa

BAD = frozenset({"bad-records", "lines-behind-the-last-record"})
HEADERS = frozenset({"header-in-the-middle", "columns-in-another-order"})
NOTHING = frozenset({"nothing-usable"})


@dataclass(frozen=True)
class Damaged:
    """A damaged file. findings: names of those that tell of it, one of which must be there if figures differ."""

    content: bytes
    findings: frozenset[str] = frozenset()
    name: str = "x.csv"


Damage = Callable[[bytes, random.Random], Damaged]

_DAMAGES: dict[str, Damage] = {}


def form_damages() -> Iterator[tuple[str, Damage]]:
    """Yield (name, damage) of every kind."""
    yield from _DAMAGES.items()


def _damage(function: Damage) -> Damage:
    _DAMAGES[function.__name__.strip("_").replace("_", " ")] = function
    return function


def _parts(content: bytes) -> tuple[bytes, list[bytes]]:
    """(header, lines of records), each with its line feed."""
    header, *lines = content.splitlines(keepends=True)
    return header, lines


def _some(lines: list[bytes], chance: random.Random) -> list[int]:
    """Places of a few lines, or of many."""
    count = chance.choice([1, 1, 2, 3, max(1, len(lines) // 10), max(1, len(lines) // 2)])
    return sorted(chance.sample(range(len(lines)), count))


def _changed(content: bytes, chance: random.Random, change: Callable[[bytes], bytes]) -> Damaged:
    """Some records, each changed so that it cannot be used."""
    header, lines = _parts(content)
    for place in _some(lines, chance):
        lines[place] = change(lines[place])
    return Damaged(header + b"".join(lines), BAD)


def _in_other_writing(header: bytes, chance: random.Random) -> bytes:
    names = header.strip().split(b",")
    return chance.choice(
        [
            header,
            header.lower(),
            b'"' + b'","'.join(names) + b'"\n',
            b", ".join(names) + b" \n",
            b",".join(names) + b"\r\n",
            b",".join(names).replace(b"_", b" ") + b"\n",
        ]
    )


def _one_of(text: bytes, mark: bytes, chance: random.Random) -> int:
    """A random place of a mark in a text."""
    return chance.choice([place for place in range(len(text)) if text.startswith(mark, place)])


@_damage
def _headers_anywhere(content: bytes, chance: random.Random) -> Damaged:
    header, lines = _parts(content)
    for place in sorted(
        (chance.randrange(len(lines) + 1) for _ in range(chance.choice([1, 1, 2, 5]))), reverse=True
    ):
        mark = chance.choice([b"", b"\xef\xbb\xbf"])
        lines.insert(place, mark + _in_other_writing(header, chance) if mark == b"" else mark + header)
    return Damaged(header + b"".join(lines), HEADERS)


@_damage
def _header_in_other_writing(content: bytes, chance: random.Random) -> Damaged:
    header, lines = _parts(content)
    before = chance.choice([b"", b"", b"\n", b"\r\n\n", b"\xef\xbb\xbf"])
    return Damaged(before + _in_other_writing(header, chance) + b"".join(lines))


@_damage
def _no_header(content: bytes, chance: random.Random) -> Damaged:
    return Damaged(chance.choice([b"", b"\xef\xbb\xbf"]) + b"".join(_parts(content)[1]))


@_damage
def _columns_in_another_order(content: bytes, chance: random.Random) -> Damaged:
    return Damaged(_permuted(content, chance))


def _permuted(content: bytes, chance: random.Random) -> bytes:
    """Lines with a comma in quotes need a reader; the extract's own quotes stay."""
    rows = [_fields(line) for line in content.splitlines()]
    order = chance.sample(range(len(rows[0])), len(rows[0]))
    if chance.random() < 0.5:  # only two columns
        order = list(range(len(rows[0])))
        one, other = chance.sample(order, 2)
        order[one], order[other] = other, one
    return b"".join(b",".join(row[k] for k in order) + b"\n" for row in rows)


def _fields(line: bytes) -> list[bytes]:
    """The fields of a line as they are written."""
    found, quoted = [b""], False
    for k in range(len(line)):
        byte = line[k : k + 1]
        quoted ^= byte == b'"'
        if byte == b"," and not quoted:
            found.append(b"")
        else:
            found[-1] += byte
    return found


@_damage
def _joined_with_columns_in_another_order(content: bytes, chance: random.Random) -> Damaged:
    header, lines = _parts(content)
    cut = chance.randrange(1, len(lines))
    again = _permuted(header + b"".join(lines[cut:]), chance)
    return Damaged(header + b"".join(lines[:cut]) + again, HEADERS | BAD)


@_damage
def _header_of_other_columns(content: bytes, chance: random.Random) -> Damaged:
    header, lines = _parts(content)
    names = header.strip().split(b",")
    place = chance.randrange(len(names))
    kind = chance.randrange(4)
    if kind == 0:
        names[place] = b"SOMETHING_ELSE"
    elif kind == 1:
        del names[place]
    elif kind == 2:
        names.insert(place, b"ANOTHER")
    else:
        names[place] = names[(place + 1) % len(names)]
    return Damaged(b",".join(names) + b"\n" + b"".join(lines), BAD)


@_damage
def _junk(content: bytes, chance: random.Random) -> Damaged:
    header, lines = _parts(content)
    for place in reversed(_some(lines, chance)):
        lines.insert(place, chance.choice([b"junk\n", b"-----,-----\n", b"(7 rows affected)\n", b"," * 93 + b"\n"]))
    return Damaged(header + b"".join(lines), BAD)


@_damage
def _title(content: bytes, chance: random.Random) -> Damaged:
    title = chance.choice([b"Extract of Alameda\n", b"sep=,\n", b"Extract,2026\n\n", b"a,b,c,d,e,f\n"])
    return Damaged(title + content, BAD | HEADERS)


@_damage
def _footer(content: bytes, chance: random.Random) -> Damaged:
    lines = [b"(700 rows affected)\r\n", b"Total,700\n", b"\x1a", b"END\n", b"\n\n--\n"]
    return Damaged(content + b"".join(chance.sample(lines, chance.randrange(1, 4))), BAD)


@_damage
def _stray_comma(content: bytes, chance: random.Random) -> Damaged:
    def change(line: bytes) -> bytes:
        place = chance.randrange(len(line) - 1)
        return line[:place] + b"," * chance.choice([1, 1, 2]) + line[place:] if b'"' not in line else b"," + line

    return _changed(content, chance, change)


@_damage
def _lost_comma(content: bytes, chance: random.Random) -> Damaged:
    def change(line: bytes) -> bytes:
        if b'"' in line:
            return line.partition(b",")[2]
        place = _one_of(line, b",", chance)
        return line[:place] + line[place + 1 :]

    return _changed(content, chance, change)


@_damage
def _a_field_more_on_every_line(content: bytes, chance: random.Random) -> Damaged:
    return Damaged(content.replace(b"\n", chance.choice([b",\n", b',""\n', b",\r\n"])))


@_damage
def _a_field_more_on_some_lines(content: bytes, chance: random.Random) -> Damaged:
    header, lines = _parts(content)
    kind = chance.randrange(4)
    places = set(range(len(lines))) if kind < 2 else set(_some(lines, chance))
    if kind == 1:
        places -= set(_some(lines, chance))
    more = [line[:-1] + b",\n" if place in places else line for place, line in enumerate(lines)]
    top = header[:-1] + b",\n" if chance.random() < 0.5 else header
    return Damaged(top + b"".join(more), BAD)


@_damage
def _lines_joined(content: bytes, chance: random.Random) -> Damaged:
    return _changed(content, chance, lambda line: line[:-1] + chance.choice([b"", b"\r", b" "]))


@_damage
def _lines_broken(content: bytes, chance: random.Random) -> Damaged:
    def change(line: bytes) -> bytes:
        place = _one_of(line, b",", chance)
        return line[:place] + b"\n" + line[place:]

    return _changed(content, chance, change)


@_damage
def _stray_quote(content: bytes, chance: random.Random) -> Damaged:
    def change(line: bytes) -> bytes:
        place = chance.choice([0, _one_of(line, b",", chance) + 1, chance.randrange(len(line))])
        return line[:place] + b'"' + line[place:]

    return _changed(content, chance, change)


@_damage
def _everything_in_quotes(content: bytes, chance: random.Random) -> Damaged:
    lines = [_fields(line) for line in content.splitlines()]
    quoted = [[value if value.startswith(b'"') else b'"' + value + b'"' for value in row] for row in lines]
    return Damaged(b"".join(b",".join(row) + b"\n" for row in quoted))


@_damage
def _another_encoding(content: bytes, chance: random.Random) -> Damaged:
    text = content.decode("latin-1")
    encoding = chance.choice(["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
    mark = "\ufeff" if chance.random() < 0.5 and encoding[-2] != "1" else ""
    return Damaged((mark + text).encode(encoding), NOTHING)


@_damage
def _marks_of_utf_8(content: bytes, chance: random.Random) -> Damaged:
    header, lines = _parts(content)
    if chance.random() < 0.5:
        place = chance.randrange(len(lines))
        lines[place] = b"\xef\xbb\xbf" + lines[place]
    return Damaged(b"\xef\xbb\xbf" + header + b"".join(lines))


@_damage
def _another_separator(content: bytes, chance: random.Random) -> Damaged:
    separator = chance.choice([b";", b"\t", b"|"])
    if chance.random() < 0.5:
        return Damaged(content.replace(b",", separator), BAD | NOTHING)
    return _changed(content, chance, lambda line: line.replace(b",", separator))


@_damage
def _other_line_ends(content: bytes, chance: random.Random) -> Damaged:
    header, lines = _parts(content)
    ends = [chance.choice([b"\n", b"\r\n", b"\n\n", b"\r\n\r\n"]) for _ in lines]
    last = chance.choice([b"", b"\n", b"\r\n"])
    body = b"".join(line[:-1] + end for line, end in zip(lines, ends, strict=True)).rstrip(b"\r\n") + last
    return Damaged(header[:-1] + chance.choice([b"\n", b"\r\n"]) + body)


@_damage
def _line_ends_of_cr_alone(content: bytes, chance: random.Random) -> Damaged:
    if chance.random() < 0.3:
        return Damaged(content.replace(b"\n", b"\r", 1), BAD)
    return Damaged(content.replace(b"\n", b"\r"), BAD | NOTHING)


@_damage
def _cut_within_a_record(content: bytes, chance: random.Random) -> Damaged:
    header, lines = _parts(content)
    place = chance.randrange(len(lines) // 2, len(lines))
    # What a file that was cut between records lacks, nothing in it tells.
    within = chance.randrange(1, len(lines[place].rstrip(b"\n")) * 3 // 4)
    return Damaged(header + b"".join(lines[:place]) + lines[place][:within], BAD)


@_damage
def _zeros(content: bytes, chance: random.Random) -> Damaged:
    size = chance.choice([2048, 4096])
    header, lines = _parts(content)
    body = b"".join(lines)
    at = chance.randrange(len(body) - size)
    return Damaged(header + body[:at] + bytes(size) + body[at + size :], BAD | {"zero-bytes"})


@_damage
def _nothing(content: bytes, chance: random.Random) -> Damaged:
    header = _parts(content)[0]
    return Damaged(chance.choice([b"", b"\n\n", header, header[:-1], b"\xef\xbb\xbf" + header, b"\x1a"]), NOTHING)


@_damage
def _compressed(content: bytes, chance: random.Random) -> Damaged:
    ending, compress = chance.choice(_COMPRESSIONS)
    return Damaged(compress(content), name=f"x.csv.{ending}")


def _zstd(content: bytes) -> bytes:
    compressed: bytes = pa.compress(content, codec="zstd", asbytes=True)
    return compressed


_COMPRESSIONS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gz", gzip.compress),
    ("zst", _zstd),
    ("bz2", bz2.compress),
    ("xz", lzma.compress),
]


@_damage
def _compressed_and_damaged(content: bytes, chance: random.Random) -> Damaged:
    ending, compress = chance.choice(_COMPRESSIONS)
    whole = compress(content)
    kind = chance.randrange(4)
    if kind == 0:
        whole = whole[: chance.randrange(1, len(whole) - 4)]
    elif kind == 1:
        whole = compress(whole)
    elif kind == 2:
        ending = chance.choice([other for other, _ in _COMPRESSIONS if other != ending] + ["csv", "zip"])
    else:
        whole = content
    return Damaged(whole, BAD | NOTHING, f"x.csv.{ending}")


@_damage
def _compressed_with_bad_records(content: bytes, chance: random.Random) -> Damaged:
    ending, compress = chance.choice(_COMPRESSIONS)
    damaged = chance.choice([_junk, _stray_comma, _stray_quote])(content, chance)
    return Damaged(compress(damaged.content), damaged.findings, f"x.csv.{ending}")


@_damage
def _zipped(content: bytes, chance: random.Random) -> Damaged:
    header, lines = _parts(content)
    half = len(lines) // 2
    parts = [header + b"".join(lines[:half]), header + b"".join(lines[half:])]
    members = chance.choice(
        [
            {"x.csv": content},
            {"folder/x.CSV": content, "__MACOSX/._x.csv": b"?"},
            {"x.csv": content, "read me.txt": b"Ask."},
            {"a.csv": parts[0], "b.csv": parts[1]},
            {"a.txt": parts[0], "b.txt": parts[1]},
            {"x.zip": _archive({"x.csv": content})},
            {},
        ]
    )
    archive = _archive(members)
    if chance.random() < 0.2:
        archive = archive[: chance.randrange(len(archive))]
    elif chance.random() < 0.2 and members:
        # The bit that says that it is encrypted, of the first member, in both its places.
        changed = bytearray(archive)
        changed[6] |= 1
        changed[archive.index(b"PK\x01\x02") + 8] |= 1
        archive = bytes(changed)
    return Damaged(archive, NOTHING, "x.zip")


def _archive(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name, member)
    return file.getvalue()
