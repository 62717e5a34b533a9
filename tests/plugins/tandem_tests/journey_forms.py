"""On which form of Tandem a journey runs: one process with SQLite, or six with PostgreSQL and RabbitMQ.

The mark `on_six_processes` has a journey run on both. `--journeys-on six-processes` has every journey run on six and
nowhere else: slower, and what shows whether a new journey may carry the mark.
"""

from __future__ import annotations

import pytest

ONE_PROCESS, SIX_PROCESSES = "one process", "six processes"
FIXTURE = "embedded"
"""The fixture by which a journey, or what it asks for, takes the system."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--journeys-on", choices=["six-processes"], help="run every journey on the services of a deployment"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if FIXTURE not in metafunc.fixturenames:
        return
    if metafunc.config.getoption("journeys_on"):
        metafunc.parametrize(FIXTURE, [SIX_PROCESSES], indirect=True, scope="session")
    elif metafunc.definition.get_closest_marker("on_six_processes"):
        # Grouping by the parameter would tear the tests of a file apart, and what they share with them.
        metafunc.parametrize(FIXTURE, [ONE_PROCESS, SIX_PROCESSES], indirect=True, scope="function")


def form_of(request: pytest.FixtureRequest) -> str:
    """The form that the test which asks for `embedded` runs on."""
    return str(getattr(request, "param", ONE_PROCESS))
