"""The documentation is true: links resolve, examples do what they show, every column of the store is described."""

import contextlib
import importlib.util
import io
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
import typer

from clearscale import ingest, open_store
from clearscale.commands import main
from clearscale.synth import fabricate

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [ROOT / "README.md", ROOT / "CHANGELOG.md", ROOT / "cluster/deploy/README.md", *ROOT.glob("docs/**/*.md")]
)
COMMON = {
    "--help",
    "--cluster",
    "--insecure",
    "--performance-report",
    "--scheduler-file",
    "--wait",
    "--quiet",
    "--json",
}
"""Options that the page on commands describes once."""

STORE_PAGE = ROOT / "docs/concepts/store.md"

_FENCE = re.compile(r"^```(?P<info>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_PROGRESS = re.compile(r"^[a-z ]+: [\d,.]+(/[\d,.]+)?( [A-Za-z]+)?(, .* left| done in [\d.]+ s)?\n", re.MULTILINE)
_VARYING = re.compile(r"(?<=snapshot \d{6}-)[0-9a-f]{8}|(?<=\()[\d.]+(?= s\))")
"""Names of snapshots hold a checksum of the charge lists; seconds are seconds."""


@dataclass(frozen=True)
class Block:
    """A fenced block. info: what stands behind the opening fence, such as `console` or `json policy.json`."""

    info: str
    body: str


def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page, in order."""
    return [Block(found["info"].strip(), found["body"]) for found in _FENCE.finditer(page.read_text("utf-8"))]


def dialogue(body: str) -> list[tuple[str, str]]:
    """(command, what it prints) of each command in a console block."""
    pieces = re.split(r"^\$ (.*)\n", body, flags=re.MULTILINE)
    assert pieces[0] == "", "a console block begins with a command"
    return list(zip(pieces[1::2], pieces[2::2], strict=True))


def comparable(text: str) -> str:
    """Output without progress and what differs from one time to the next."""
    return _VARYING.sub("...", _PROGRESS.sub("", text)).strip()


def clearscale(command: str) -> str:
    """What a command of clearscale prints, on standard output and standard error."""
    printed = io.StringIO()
    # The answers are the same with worker processes, which take seconds to start; the cluster has tests of its own.
    arguments = [word.replace("local:", "threads:") for word in shlex.split(command)[1:]]
    with contextlib.redirect_stdout(printed), contextlib.redirect_stderr(printed), pytest.raises(SystemExit):
        main.main(arguments)
    return printed.getvalue()


def shell(command: str, folder: Path) -> str:
    done = subprocess.run(["bash", "-c", command], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def python(code: str, names: dict[str, object]) -> str:
    """What an example in Python prints. names: those that earlier examples left."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(code, "example", "exec"), names)
    return printed.getvalue()


def follow(page: Path, folder: Path) -> None:
    """Do what a page says, in order, and compare what it shows."""
    names: dict[str, object] = {"__name__": "example"}
    found = blocks(page)
    for block, following in zip(found, [*found[1:], None], strict=True):
        kind, _, target = block.info.partition(" ")
        if kind == "json" and target:
            (folder / target).write_text(block.body, "utf-8")
        elif kind == "console":
            for command, shown in dialogue(block.body):
                printed = clearscale(command) if command.startswith("clearscale ") else shell(command, folder)
                assert comparable(printed) == comparable(shown), f"{page.name}: {command}"
        elif kind == "python":
            if "import duckdb" in block.body and importlib.util.find_spec("duckdb") is None:
                continue
            printed = python(block.body, names)
            if following is not None and following.info == "text":
                assert printed == following.body, f"{page.name}: {block.body}"


def test_examples_of_readme_and_tutorial_do_what_they_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")
    follow(ROOT / "README.md", tmp_path)
    follow(ROOT / "docs/tutorial.md", tmp_path)


@pytest.mark.long
def test_examples_of_lists_do_what_they_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")
    follow(ROOT / "docs/how-to/lists-for-courts.md", tmp_path)


@pytest.mark.long
def test_examples_of_what_if_do_what_they_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "110")
    follow(ROOT / "docs/tutorial-what-if.md", tmp_path)


def test_every_file_and_column_of_a_store_is_described(tmp_path: Path) -> None:
    made = fabricate(str(tmp_path / "extracts"), counties=2, people=8, seed=1)
    ingest([extract.path for extract in made], str(tmp_path / "store"))
    store = open_store(str(tmp_path / "store"))
    described = STORE_PAGE.read_text("utf-8")
    schemas = {dataset: store.bucket(dataset, 0).schema for dataset in ("histories", "convictions", "people")}
    schemas |= {dataset: table.schema for dataset, table in vars(store.candidates(0)).items()}
    schemas["Slices"] = store.files.read_arrow(store.manifest.held[0].path("slices")).schema
    for dataset, schema in schemas.items():
        section = described.partition(f"### {dataset}\n")[2].partition("\n#")[0]
        for column in schema:
            row = rf"^\| `{column.name}` \| {column.type} \|"
            assert re.search(row, section, re.MULTILINE), f"{dataset}: {column.name} ({column.type})"
    for file in sorted((tmp_path / "store").rglob("*.*")):
        name = re.sub(r"\d{5}", "NNNNN", file.name)
        assert f"`{name}`" in described, f"{STORE_PAGE.name} does not name {file.name}"
    for key in ("extracts", *store.manifest.document(), *store.manifest.extracts[0].__dict__):
        assert f"`{key}`" in described, f"{STORE_PAGE.name} does not name the manifest's {key}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_resolve(page: Path) -> None:
    text = _FENCE.sub("", page.read_text("utf-8"))
    for link in _LINK.findall(text):
        if "://" in link:
            continue
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{link}: there is no such file"
        if anchor:
            assert anchor in anchors(target), f"{link}: there is no such heading"


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings."""
    titles = re.findall(r"^#+ (.*)$", _FENCE.sub("", page.read_text("utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def commands() -> dict[str, set[str]]:
    """Options of each command by name, such as `gogen run`."""
    found: dict[str, set[str]] = {}

    def enter(command: object, name: str) -> None:
        if inner := getattr(command, "commands", None):
            for word, subcommand in inner.items():
                enter(subcommand, f"{name} {word}".strip())
        else:
            found[name] = {opt for parameter in command.params for opt in parameter.opts if opt.startswith("--")}  # type: ignore[attr-defined]

    enter(typer.main.get_command(main.app), "")
    return found


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_and_option_is_described(name: str) -> None:
    described = (ROOT / "docs/reference/commands.md").read_text("utf-8")
    _, found, section = described.partition(f"## clearscale {name}\n")
    assert found, f"docs/reference/commands.md has no section on {name}"
    named = set(re.findall(r"`(--[a-z-]+)", section.partition("\n## ")[0]))
    assert named - COMMON == commands()[name] - COMMON


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_in_examples_exist(page: Path) -> None:
    known = commands()
    for block in blocks(page):
        for line in re.findall(r"^(?:\$ )?clearscale (.*)$", block.body, re.MULTILINE):
            words = shlex.split(line, comments=True)
            if words[0].startswith("-") or words[0] == "...":
                continue
            name = both if (both := " ".join(words[:2])) in known else words[0]
            assert name in known, f"{page.name}: clearscale {line}"
            options = {word.partition("=")[0] for word in words if word.startswith("--")}
            assert options <= known[name] | {"--help"}, f"{page.name}: clearscale {line}"
