"""Folders and files are made by the functions that say for whom they are."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("clearscale", "cluster/clearscale_cluster", "kernels/clearscale_kernels")

DOORS = {
    # Where it is decided.
    "clearscale/io/private.py": {"mkdir", "os.open"},
    "cluster/clearscale_cluster/scratch.py": {"mkdtemp", "os.open"},
    "kernels/clearscale_kernels/jit/trusted.py": {"mkdir"},
    # Open what is there: to flush it.
    "clearscale/io/local.py": {"os.open"},
    # For their owner alone, or the group: keys, a log, reports of work, locks, machine code.
    "clearscale/api/encryption.py": {"os.open"},
    "cluster/clearscale_cluster/setup/logs.py": {"mkdir", "open", "os.open"},
    "cluster/clearscale_cluster/setup/certificates.py": {"mkdir", "os.open"},
    "clearscale/store/log.py": {"os.open"},
    "cluster/clearscale_cluster/watching/dashboard.py": {"os.open"},
    "clearscale/io/claims.py": {"os.open"},
    "kernels/clearscale_kernels/jit/stored.py": {"mkstemp", "os.open", "open"},
    # Inside a folder of `scratch.py`.
    "clearscale/io/spool.py": {"mkdir", "open"},
    "clearscale/outputs/packet/setter.py": {"mkdir", "write_bytes"},
    "clearscale/outputs/packet/setting.py": {"mkdir"},
    "clearscale/store/ingest/statewide.py": {"mkdir", "open"},
    # For this user alone, by the handle of a new file; and into what a browser is sent.
    "clearscale/outputs/serve/front/folder.py": {"open"},
    "clearscale/outputs/serve/front/zipped.py": {"ZipFile", "open"},
    # On object stores.
    "clearscale/io/all_or_nothing.py": {"open"},
    # Tools of those who work on the program, which write into its own folders.
    "clearscale/policy/pages.py": {"mkdir", "write_text"},
    "clearscale/relief/pages.py": {"mkdir", "write_text"},
    "kernels/clearscale_kernels/jit/texts.py": {"mkdir", "ZipFile"},
}

MAKING = {
    *(
        "mkdir",
        "makedirs",
        "write_text",
        "write_bytes",
        "touch",
        "symlink_to",
        "hardlink_to",
        "copyfile",
        "copytree",
    ),
    *("mkdtemp", "mkstemp", "TemporaryDirectory", "NamedTemporaryFile", "TemporaryFile", "OSFile", "to_csv"),
    *("to_parquet", "memmap", "mkfifo", "savefig"),
}
"""Calls that make a file or a folder, whatever it is that they are called of."""


def made(tree: ast.Module) -> Iterator[str]:
    """Yield the ways to make a file or a folder that a module uses."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        name = called.rpartition(".")[2]
        if called == "os.open" or name in MAKING:
            yield called if called == "os.open" else name
        elif name in ("open", "ZipFile"):
            words = [*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "mode")]
            modes = [word.value for word in words if isinstance(word, ast.Constant) and isinstance(word.value, str)]
            if any(set(mode) <= set("rwxabt+") and set(mode) & set("wxa+") for mode in modes):
                yield name


def test_modules_make_files_by_the_doors_only() -> None:
    found = {}
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        if (used := set(made(ast.parse(path.read_text("utf-8"))))) != DOORS.get(name, set()):
            found[name] = used
    assert found == {}


@pytest.mark.parametrize(
    ("code", "way"),
    [
        ("open('file', 'w')", "open"),
        ("open(place, mode='ab')", "open"),
        ("Path('file').open('x')", "open"),
        ("Path('file').write_text('text')", "write_text"),
        ("place.mkdir(parents=True)", "mkdir"),
        ("os.makedirs(place)", "makedirs"),
        ("os.open(place, flags)", "os.open"),
        ("tempfile.TemporaryDirectory()", "TemporaryDirectory"),
        ("pa.OSFile(place, 'wb')", "OSFile"),
        ("open('file')", None),
        ("place.open('rb')", None),
    ],
)
def test_each_way_is_seen(code: str, way: str | None) -> None:
    assert set(made(ast.parse(code))) == ({way} if way else set())
