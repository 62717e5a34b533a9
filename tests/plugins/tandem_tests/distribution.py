"""How pytest-xdist shares the tests out: a file to a worker, and what needs six processes to one of them.

A file's tests share what takes long to make. The services of a deployment are started once a worker, so all journeys
that run there go to the same worker. Whatever takes long begins first, so that no worker is left alone with it.
"""

from __future__ import annotations

from typing import Any

import pytest

from tandem_tests.journey_forms import SIX_PROCESSES

BEGIN_FIRST = ("tests/faults/", "tests/journeys/", "tests/")
"""Folders, the slowest first; all others come after them."""


def pytest_configure(config: pytest.Config) -> None:
    # xdist would begin with the files that have most tests, which are the quick ones.
    if hasattr(config.option, "loadscopereorder"):
        config.option.loadscopereorder = False


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: _turn(item.nodeid))


def _turn(nodeid: str) -> int:
    if _needs_services(nodeid):
        return 0
    return next((turn for turn, folder in enumerate(BEGIN_FIRST, 1) if nodeid.startswith(folder)), len(BEGIN_FIRST) + 1)


def _needs_services(nodeid: str) -> bool:
    return SIX_PROCESSES in nodeid.partition("::")[2]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """The scheduler, unless the command line asks for one of xdist's own by `--dist`."""
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling  # type: ignore[import-untyped]

    class FileScheduling(LoadFileScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            return SIX_PROCESSES if _needs_services(nodeid) else super()._split_scope(nodeid)

    return FileScheduling(config, log)
