"""What a run showed, test by test, as JSON: `--results build/test-results.json`.

    {"complete": true, "tests": [
        {"id": node id, "outcome": "passed|failed|skipped", "seconds": set-up to tear-down, "requirements": [ids]}]}

`complete` is false where the run was cut short or was told to run a part. The run ends with a line for each folder: how
many tests, and the seconds they took, added over the workers.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from pathlib import Path

import pytest

from tandem_tests.requirement_marks import PROPERTY

RANK = {"passed": 0, "skipped": 1, "failed": 2}


class Results:
    """Collects reports; a test's outcome is the worst of its set-up, call and tear-down."""

    def __init__(self, path: Path, config: pytest.Config) -> None:
        self._path = path
        self._config = config
        self._outcomes: dict[str, str] = {}
        self._seconds: defaultdict[str, float] = defaultdict(float)
        self._requirements: dict[str, list[str]] = {}
        self._deselected = False

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        before = self._outcomes.get(report.nodeid, "passed")
        self._outcomes[report.nodeid] = max(before, report.outcome, key=RANK.__getitem__)
        self._seconds[report.nodeid] += report.duration
        self._requirements[report.nodeid] = [str(value) for name, value in report.user_properties if name == PROPERTY]

    def pytest_deselected(self) -> None:
        self._deselected = True

    def pytest_sessionfinish(self, exitstatus: int) -> None:
        ended = exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED)
        some = self._config.args_source is pytest.Config.ArgsSource.ARGS
        part = self._deselected or some or bool(self._config.getoption("maxfail"))
        tests = [
            {"id": nodeid, "outcome": outcome, "seconds": round(self._seconds[nodeid], 2),
             "requirements": self._requirements[nodeid]}
            for nodeid, outcome in sorted(self._outcomes.items())
        ]  # fmt: skip
        self._path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"complete": ended and not part, "tests": tests}, indent=1)
        self._path.write_text(text + "\n", encoding="utf-8")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        tests = Counter(_folder(nodeid) for nodeid in self._outcomes)
        seconds: defaultdict[str, float] = defaultdict(float)
        for nodeid, each in self._seconds.items():
            seconds[_folder(nodeid)] += each
        terminalreporter.section("seconds by folder")
        for folder, each in sorted(seconds.items(), key=lambda one: -one[1]):
            terminalreporter.line(f"{each:8.0f} s {tests[folder]:6} tests  {folder}")


def _folder(nodeid: str) -> str:
    """The first two parts of a path: `services/mdt-service`, `tests/faults`."""
    return "/".join(nodeid.split("::")[0].split("/")[:2])


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--results", metavar="PATH", type=Path, help="write the outcome of each test to PATH as JSON")


def pytest_configure(config: pytest.Config) -> None:
    path = config.getoption("--results")
    if path is not None and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Results(path, config), "tandem-results")
