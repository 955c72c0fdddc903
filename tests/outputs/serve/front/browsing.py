"""The front page in a real browser."""

import contextlib
from collections.abc import Iterator
from typing import Any

from tests.support.browser import DESKTOP, wrong_on

from .conftest import Front

WAIT = 120_000
"""Milliseconds for a piece of work."""


@contextlib.contextmanager
def opened(
    browser: Any, front: Front, size: tuple[int, int] = DESKTOP, **options: Any
) -> Iterator[tuple[Any, list[str]]]:
    """The page, and what the browser complained of. Other addresses cannot be reached."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **options)
    complaints: list[str] = []
    page = context.new_page()
    context.route(
        "**/*",
        lambda route: route.continue_() if route.request.url.startswith(front.server.url) else route.abort(),
    )
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(front.server.url)
    page.wait_for_selector("#into option", state="attached")
    try:
        yield page, complaints
    finally:
        context.close()


def violations(page: Any) -> list[Any]:
    page.eval_on_selector_all("details", "all => all.forEach(each => each.open = true)")
    return wrong_on(page)
