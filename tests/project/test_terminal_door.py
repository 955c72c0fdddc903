"""Nothing reaches a terminal but by the functions that make texts fit to be shown."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("clearscale", "cluster/clearscale_cluster", "kernels/clearscale_kernels")

DOORS = {
    "cluster/clearscale_cluster/shown.py": {"print"},
    "clearscale/commands/drawn.py": {"rich"},
    "cluster/clearscale_cluster/progress.py": {"rich"},
    "clearscale/commands/main.py": {"typer.rich_utils"},
    "cluster/clearscale_cluster/setup/host.py": {"print"},
    "kernels/clearscale_kernels/jit/make_texts.py": {"print"},
    "kernels/clearscale_kernels/jit/stored.py": {"logging"},
    "cluster/clearscale_cluster/watching/record.py": {"logging"},
}
"""Where each way to a terminal is used: the function that prints, the tables, the bar, errors of usage, what a host
answers over SSH, a tool, which folder kernels are not read from, and how passes ended, for whoever listens."""

PRINTING = {"echo", "secho", "print_exc", "print_exception", "print_stack", "write_through", "excepthook"}
LIBRARIES = {"rich", "click", "curses", "termcolor"}
LOGGING = {"debug", "info", "warning", "error", "exception", "critical", "log"}
STREAMS = {"stdout", "stderr", "__stdout__", "__stderr__"}


def ways(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield the ways to a terminal that a module uses, and in which line."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id in ("print", "pprint", "input"):
            yield node.id, node.lineno
        elif isinstance(node, ast.Attribute) and node.attr in PRINTING - {"excepthook"}:
            yield node.attr, node.lineno
        elif isinstance(node, ast.Attribute) and node.attr in ("write", "writelines", "buffer"):
            inner = node.value
            if isinstance(inner, ast.Attribute) and inner.attr in STREAMS:
                yield f"{inner.attr}.{node.attr}", node.lineno
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("os.write", "warnings.warn", "sys.exit"):
            # A text as the code of an exit is printed.
            if ast.unparse(node.func) != "sys.exit" or any(isinstance(word, ast.JoinedStr) for word in node.args):
                yield ast.unparse(node.func), node.lineno
        elif isinstance(node, ast.Import | ast.ImportFrom):
            for name in [node.module] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]:
                if name == "typer.rich_utils":
                    yield name, node.lineno
                elif name and name.split(".")[0] in LIBRARIES:
                    yield name.split(".")[0], node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and _logs(node.func):
            yield "logging", node.lineno


def _logs(called: ast.Attribute) -> bool:
    return called.attr in LOGGING and "log" in ast.unparse(called.value).lower()


def test_modules_print_by_the_doors_only() -> None:
    found = {}
    for path in sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py")):
        name = str(path.relative_to(ROOT))
        used = dict(ways(ast.parse(path.read_text("utf-8"))))
        if used.keys() != DOORS.get(name, set()):
            found[name] = used
    assert found == {}


def test_each_way_is_seen() -> None:
    code = """
import sys, os, rich.table, warnings
from typer.rich_utils import rich_format_error
print(1)
typer.echo(2)
sys.stderr.write("3")
os.write(2, b"4")
warnings.warn("5")
sys.exit(f"{6}")
logger.info("7")
traceback.print_exc()
"""
    seen = {way for way, _ in ways(ast.parse(code))}
    assert seen == {
        *("rich", "typer.rich_utils", "print", "echo", "stderr.write", "os.write", "warnings.warn", "sys.exit"),
        *("logging", "print_exc"),
    }
