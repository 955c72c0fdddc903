"""The documentation is true: links resolve, examples do what they show, every column of the store is described."""

import re
import shlex
import shutil
from pathlib import Path

import pytest
import typer

from clearscale import ingest, open_store
from clearscale.commands import main
from clearscale.synth import fabricate
from tests.support.pages import COMMANDS, ROOT, SHOWN, blocks, follow, without_blocks

PAGES = sorted(
    [
        *(
            ROOT / name
            for name in ("README.md", "CHANGELOG.md", "ROADMAP.md", "CONTRIBUTING.md", "cluster/deploy/README.md")
        ),
        *ROOT.glob("docs/**/*.md"),
    ]
)


def name_of(page: Path) -> str:
    """A page's path in the repository."""
    return str(page.relative_to(ROOT))


def has_commands(page: Path) -> bool:
    """Whether something is to be done on a page that no other test does: that of docstrings has its own."""
    done = ("README.md", "docs/tutorial.md", "docs/reference/python.md")
    return name_of(page) not in done and any(block.is_done for block in blocks(page))


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

_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the folder of the README's example is, and a copy of it: runs name their store by its whole path."""
    return tmp_path_factory.mktemp("readme")


@pytest.fixture
def example(kept: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the README's example, as the README leaves it."""
    folder, copy = kept / "example", kept / "copy"
    monkeypatch.setenv("COLUMNS", "110")
    if not copy.exists():
        folder.mkdir()
        monkeypatch.chdir(folder)
        follow(ROOT / "README.md", folder)
        shutil.copytree(folder, copy)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(copy, folder)
    monkeypatch.chdir(folder)
    return folder


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_block_is_done_or_excused(page: Path) -> None:
    for block in blocks(page):
        assert block.kind in (*COMMANDS, *SHOWN), f"{name_of(page)}: what is this?\n{block.body}"
        assert not (block.reason and block.test), (
            f"{name_of(page)}: a test does it, or there is a reason why none does"
        )
        if block.test:
            assert page.name in (ROOT / block.test).read_text("utf-8"), f"{block.test} does not name {page.name}"


def test_examples_of_readme_and_tutorial_do_what_they_show(example: Path) -> None:
    follow(ROOT / "docs/tutorial.md", example)


@pytest.mark.long
@pytest.mark.parametrize("page", [page for page in PAGES if has_commands(page)], ids=name_of)
def test_examples_of_every_page_do_what_they_show(page: Path, example: Path) -> None:
    follow(page, example)


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


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_resolve(page: Path) -> None:
    text = without_blocks(page.read_text("utf-8"))
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
    titles = re.findall(r"^#+ (.*)$", without_blocks(page.read_text("utf-8")), re.MULTILINE)
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


@pytest.mark.parametrize("page", PAGES, ids=name_of)
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
