"""Commands as pages print them: they run when they are copied, once the first lines name the reader's own."""

import re

RUN_LINES = ('RUN="runs/july"',)
"""Where the run is, which a page does not know: it does not tell the folders of whoever made it."""

RUN_WORDS = "its folder or address: put yours there. The others run as they stand."

_PLAIN = re.compile(r"[\w./:=@%+-]+", re.ASCII)
_SPECIAL = re.compile(r'([\\"$`])')


def quoted(text: str, *, always: bool = False) -> str:
    """Return a text as one word of a shell, in straight double quotes where it needs some, or always."""
    return text if _PLAIN.fullmatch(text) and not always else '"' + _SPECIAL.sub(r"\\\1", text) + '"'
