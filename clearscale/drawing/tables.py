"""Tables of figures as HTML, for notebooks: one look for all, without scripts or styles of their own."""

from collections.abc import Sequence
from html import escape
from typing import Any

from clearscale_cluster.shown import shown


def html_table(title: str, rows: Sequence[Sequence[Any]], header: Sequence[str] = ()) -> str:
    """Return rows as an HTML table.

    Parameters
    ----------
    title
        Its caption.
    rows
        Their cells: numbers are grouped and stand at the right, others are texts.
    header
        Names of the columns, if they have any.

    Returns
    -------
    str
        One table element. Texts are made fit to be shown, and none is read as markup.
    """
    head = f"<thead><tr>{''.join(f'<th>{_text(name)}</th>' for name in header)}</tr></thead>" if header else ""
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table><caption>{_text(title)}</caption>{head}<tbody>{body}</tbody></table>"


def _cell(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return f'<td style="text-align: right">{value:,}</td>'
    # Blanks at the beginning tell what is part of what.
    text = _text(value)
    return f'<td style="text-align: left; white-space: pre">{text}</td>'


def _text(value: Any) -> str:
    return escape(shown(str(value)))
