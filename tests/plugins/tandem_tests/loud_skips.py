"""What could not be tested here, and why, at the end of a run, where it is seen.

A fixture that cannot be had calls `skip_loudly`. With TANDEM_REQUIRE_SERVICES=1 a missing PostgreSQL or RabbitMQ
fails the test instead.
"""

from __future__ import annotations

import os
from collections import Counter
from typing import NoReturn

import pytest

PREFIX = "not tested here: "


def services_required() -> bool:
    """Whether a missing PostgreSQL or RabbitMQ is a failure."""
    return os.environ.get("TANDEM_REQUIRE_SERVICES", "") not in ("", "0")


def skip_loudly(what: str, reason: str, *, service: bool = False) -> NoReturn:
    """Skip the test and have the end of the run say so; a missing `service` may be a failure instead."""
    if service and services_required():
        pytest.fail(f"{what} is required and cannot be had: {reason}", pytrace=False)
    pytest.skip(f"{PREFIX}{what}: {reason}")


def loud_reason(report: pytest.TestReport | pytest.CollectReport) -> str | None:
    """The reason given to `skip_loudly`, or None for every other report."""
    if report.outcome != "skipped" or not isinstance(report.longrepr, tuple):
        return None
    text = str(report.longrepr[2]).removeprefix("Skipped: ")
    return text.removeprefix(PREFIX) if text.startswith(PREFIX) else None


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    skipped: list[pytest.TestReport] = terminalreporter.stats.get("skipped", [])
    reasons = Counter(reason for report in skipped if (reason := loud_reason(report)))
    if not reasons:
        return
    terminalreporter.section("NOT TESTED HERE", sep="!", red=True, bold=True)
    for reason, count in sorted(reasons.items()):
        terminalreporter.write_line(f"{count} test{'' if count == 1 else 's'} skipped: {reason}", red=True)
