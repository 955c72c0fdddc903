"""On which line of a policy's file something stands, so that a finding can say so."""

import re
from collections.abc import Mapping

_TABLE = re.compile(r"\s*\[\[?\s*([A-Za-z_]+)(?:\s*\.\s*[\"']?([^\"'\]]+?)[\"']?)?\s*\]\]?\s*(?:#.*)?")
_KEY = re.compile(r"\s*[\"']?([\w-]+)[\"']?\s*=")
_LABEL = re.compile(r"(?:\[(\w+)\.([^\]]+)\]|(rule \d+|scope|sources)|(list|group|cap|parameter) '([^']*)')")
_NO_KEY = re.compile(r"^'[^']*' is no key of (.*)")
_QUOTED = re.compile(r"'([^']+)'")
_NAMED = {"lists": "list", "groups": "group", "caps": "cap", "parameters": "parameter"}


class Lines:
    r"""Lines of a file, and where its tables begin.

    Examples
    --------
    >>> lines = Lines('id = "x"\n\n[[rule]]\nif = ["levl is felony"]\n')
    >>> lines.of("rule 1: 'levl is felony': no fact"), lines.of("'id' is odd"), lines.of("'title' is missing")
    (4, 1, None)
    """

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self.starts: dict[str, int] = {}
        rules, table = 0, ""
        for number, line in enumerate(self._lines, start=1):
            if found := _TABLE.fullmatch(line):
                table = found[1]
                rules += table == "rule"
                label = f"rule {rules}" if table == "rule" else f"{_NAMED.get(table, table)} '{found[2]}'"
                self.starts.setdefault(label if found[2] or table == "rule" else table, number)
            elif (found := _KEY.match(line)) and table in ("", "parameters", *_NAMED):
                self.starts.setdefault(f"{_NAMED[table]} '{found[1]}'" if table else found[1], number)

    def of(self, said: str) -> int | None:
        """The line, from 1, of what a finding says; None if it is of the whole file."""
        of = _NO_KEY.search(said)
        label = _LABEL.match(of[1] if of else said)
        if label is None:
            # A key, or a text, of the file itself.
            quoted = _QUOTED.search(said)
            return self.starts.get(quoted[1]) or self.starts.get(said.split()[0]) if quoted else None
        name = label[3] or f"{_NAMED.get(label[1], label[4])} '{label[2] or label[5]}'"
        start = self.starts.get(name)
        if start is None:
            return None
        # Behind the label; a rule's reason stands in double quotes there.
        for quoted in _QUOTED.finditer(said, 0 if of else label.end()):
            for number in range(start, self._end(start) + 1):
                if quoted[1] in self._lines[number - 1]:
                    return number
        return start

    def _end(self, start: int) -> int:
        """The last line of a table, or of a key at the beginning of the file."""
        for number in range(start + 1, len(self._lines) + 1):
            if _TABLE.fullmatch(self._lines[number - 1]):
                return number - 1
        return len(self._lines)


def placed(starts: Mapping[str, int], label: str, said: str) -> str:
    """What is said of a table that a policy has, behind its line where that is known."""
    return f"line {starts[label]}: {said}" if label in starts else said
