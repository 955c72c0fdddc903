"""Failures told when they happen, too: tests that somebody stops, or a time limit, come to no summary."""

from typing import Any

import pytest


class FailuresAtOnce:
    """A plugin of pytest's, which names each test that fails, and the line that it failed with."""

    def __init__(self, config: pytest.Config) -> None:
        self._config = config

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write a line to the terminal."""
        if not report.failed:
            return
        terminal: Any = self._config.pluginmanager.get_plugin("terminalreporter")
        if terminal is None:
            return
        crash = getattr(report.longrepr, "reprcrash", None)
        lines = report.longreprtext.strip().split("\n")
        said = lines[-1] if crash is None else crash.message.split("\n")[0]
        terminal.write_line(f"\n{report.nodeid} failed ({report.when}): {said}")
