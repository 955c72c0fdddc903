"""What the site needs beside the pages themselves, which a code host shows as they are.

MkDocs calls the functions `on_...` (`make docs`). Pages that lie outside of `docs` become pages of the site, files
that pages link to become pages that show them, and the Python reference is made from docstrings, at the address and
with the headings of `docs/reference/python.md`. A link that leads nowhere stays as it is, so that `mkdocs build
--strict` tells.
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

ROOT = Path(__file__).parents[2]
DOCS = "docs"

MOVED = {
    "README.md": "start.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "ROADMAP.md": "roadmap.md",
    "LICENSE": "license.md",
    "cluster/deploy/README.md": "how-to/cluster-start.md",
}
"""Pages of the repository that lie elsewhere: where they are on the site."""

SOURCES = "source"
"""Where files stand that a page links to, as pages."""

PYTHON = "reference/python.md"

FOUND = {"glossary.md": 8.0, "changelog.md": 0.3, "concepts/performance.md": 0.5}
"""Pages that a search finds sooner, or later, than others: what a word means comes before where it occurs."""

_FENCE = re.compile(r"^```(?P<info>[^\n]*)\n.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"(?P<before>\]\()(?P<target>[^)\s#]+)(?P<anchor>#[^)\s]*)?(?=\))")
_NAMED = re.compile(r"^```(\w+) (\S+)$", re.MULTILINE)
_ASKED = re.compile(r"^<!-- ::: (?P<path>\S+)(?P<properties>[^\n]*) -->$", re.MULTILINE)
_KEPT = re.compile(r"^On the command line: [^\n]*$|(?<=-->\n\n)```python\n.*?^```$", re.MULTILINE | re.DOTALL)
"""What a section of the reference says that docstrings do not: the call, and which command does the same."""
_PAGE = re.compile(r"<code>docs/([\w-]+/[\w-]+)\.md</code>")
_WORDS = {".py": "python", ".toml": "toml", ".yml": "yaml", ".yaml": "yaml", ".json": "json", ".sbatch": "sh"}

_place: dict[str, str] = {}
"""Of each page that is not in `docs`: its path in the repository, by its address on the site."""


def on_config(config: Any) -> Any:
    """Name the pages for which `folder/*` stands."""
    named = set(_named(config.nav))
    config.nav = [_filled(entry, named) for entry in config.nav]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add what lies outside of `docs`, and what pages link to there."""
    _place.clear()
    for path, uri in MOVED.items():
        text = (ROOT / path).read_text("utf-8")
        _add(files, config, path, uri, text if path.endswith(".md") else f"# {path}\n\n{text}")
    for page in [file for file in files if file.is_documentation_page()]:
        for path in dict.fromkeys(_outside(page.content_string, _origin(page.src_uri))):
            if path not in _place.values():
                _add(files, config, path, _shown(path), _listing(path))
    return files


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Turn what a code host understands into what MkDocs does."""
    if boost := FOUND.get(page.file.src_uri):
        page.meta["search"] = {"boost": boost}
    if page.file.src_uri == PYTHON:
        markdown = _from_docstrings(markdown)
    markdown = _NAMED.sub(r'```\1 title="\2"', markdown)
    return _outside_fences(markdown, lambda text: _LINK.sub(lambda link: _moved(link, page.file.src_uri), text))


def on_page_content(html: str, page: Any, config: Any, files: Files) -> str:
    """Make links of the pages that docstrings name."""
    if page.file.src_uri != PYTHON:
        return html
    up = page.file.url.count("/") * "../"
    return _PAGE.sub(lambda found: f'<a href="{up}{found[1]}.html">{found[1].rpartition("/")[2]}</a>', html)


def _named(nav: Any) -> Iterator[str]:
    """Pages that a navigation names."""
    if isinstance(nav, str):
        yield nav
    else:
        for entry in nav.values() if isinstance(nav, dict) else nav:
            yield from _named(entry)


def _filled(entry: Any, named: set[str]) -> Any:
    """An entry of the navigation, with all pages of its folders."""
    if isinstance(entry, dict):
        return {title: _filled(inner, named) for title, inner in entry.items()}
    if not isinstance(entry, list):
        return entry
    filled: list[Any] = []
    for inner in entry:
        if isinstance(inner, str) and inner.endswith("/*"):
            pages = sorted(path.relative_to(ROOT / DOCS).as_posix() for path in (ROOT / DOCS).glob(f"{inner}.md"))
            filled += [page for page in pages if page not in named]
        else:
            filled.append(_filled(inner, named))
    return filled


def _add(files: Files, config: Any, path: str, uri: str, text: str) -> None:
    files.append(File.generated(config, uri, content=text))
    _place[uri] = path


def _origin(uri: str) -> str:
    """Where a page of the site stands in the repository."""
    return _place.get(uri, f"{DOCS}/{uri}")


def _target(link: str, origin: str) -> str:
    """What a link leads to, as a path in the repository."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(origin), link))


def _outside(markdown: str, origin: str) -> Iterator[str]:
    """Files and folders that a page links to and that are not of the site yet."""
    for link in _LINK.finditer(_FENCE.sub("", markdown)):
        if ":" not in link["target"] and (ROOT / (path := _target(link["target"], origin))).exists():
            kept = path.startswith(f"{DOCS}/") and not path.endswith((".py", "/"))
            if not kept and not path.startswith("..") and path not in MOVED:
                yield path


def _shown(path: str) -> str:
    """The address of a page that shows a file or a folder."""
    return f"{SOURCES}/{path.lstrip('.')}.md"  # MkDocs leaves out what begins with a dot


def _listing(path: str) -> str:
    """A page with a file's text, or with a folder's files."""
    file = ROOT / path
    if file.is_dir():
        texts = [
            _listing(child.relative_to(ROOT).as_posix()) for child in sorted(file.iterdir()) if child.is_file()
        ]
        return f"# {path}\n\n" + "\n\n".join(text.replace(f"# {path}/", "## ", 1) for text in texts)
    return f"# {path}\n\n````{_WORDS.get(file.suffix, 'text')}\n{file.read_text('utf-8').rstrip()}\n````\n"


def _moved(link: re.Match[str], uri: str) -> str:
    """A link as it has to be on the site."""
    target, origin = link["target"], _origin(uri)
    if ":" in target or target.startswith("#"):
        return link[0]
    path = _target(target, origin)
    pages = {path: uri for uri, path in _place.items()}
    if path in pages:
        there = pages[path]
    elif origin != f"{DOCS}/{uri}" and path.startswith(f"{DOCS}/"):
        there = path.removeprefix(f"{DOCS}/")
    else:
        return link[0]
    return f"{link['before']}{posixpath.relpath(there, posixpath.dirname(uri) or '.')}{link['anchor'] or ''}"


def _outside_fences(markdown: str, change: Callable[[str], str]) -> str:
    """Change a page, except its fenced blocks."""
    parts, last = [], 0
    for fence in _FENCE.finditer(markdown):
        parts += [change(markdown[last : fence.start()]), fence[0]]
        last = fence.end()
    return "".join([*parts, change(markdown[last:])])


def _from_docstrings(markdown: str) -> str:
    """Ask mkdocstrings for what the page says after each heading that names an object, until the next one."""
    return "".join(map(_asked, re.split(r"^(?=##)", markdown, flags=re.MULTILINE)))


def _asked(part: str) -> str:
    if not (asked := _ASKED.search(part)):
        return part
    heading, names = part.partition("\n")[0], ", ".join(asked["properties"].split())
    kept = _KEPT.findall(part)
    return "\n\n".join([heading, *kept, f"::: {asked['path']}\n    options:\n      members: [{names}]"]) + "\n\n"
