"""One system a run, with a settable clock, and a fresh network for each test.

A journey runs on one process, with SQLite. The mark `on_six_processes` has it run a second time, on the gateway and
five services with PostgreSQL and RabbitMQ, which are started once for all of them; `--journeys-on six-processes` has
every journey run there and nowhere else.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from itertools import count
from pathlib import Path

import httpx
import pytest

from tandem.demo.cast import Cast, cast_of
from tandem.synth import Summary, generate
from tandem_tests.journey_forms import SIX_PROCESSES, form_of
from tandem_tests.loopback import http_client
from tandem_tests.prepared_databases import PreparedDatabases
from tandem_tests.running import EmbeddedTandem, ServiceTandem
from tandem_tests.server import Server
from tandem_tests.services_of_a_test import running_services

START = "2020-07-01T09:00+01:00"
_SEEDS = count()
System = EmbeddedTandem | ServiceTandem


@pytest.fixture(scope="session")
def embedded(request: pytest.FixtureRequest) -> System:
    """All five services, their domain clock standing at the morning of 1 July 2020."""
    system: System = request.getfixturevalue("six_processes" if form_of(request) == SIX_PROCESSES else "one_process")
    return system


@pytest.fixture(scope="session")
def one_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedTandem]:
    """All five services in one process, with SQLite."""
    system = EmbeddedTandem(tmp_path_factory.mktemp("embedded"), "--clock", START)
    system.start()
    yield system
    system.stop()


@pytest.fixture(scope="session")
def six_processes(
    tmp_path_factory: pytest.TempPathFactory, prepared_databases: PreparedDatabases, rabbitmq_server: Server
) -> Iterator[ServiceTandem]:
    """Gateway and five services in processes of their own, with PostgreSQL and RabbitMQ."""
    folder = tmp_path_factory.mktemp("six-processes")
    with running_services(folder, prepared_databases, rabbitmq_server) as new:
        yield new("--clock", START)


@pytest.fixture
async def http() -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client."""
    async with http_client() as client:
        yield client


def load(system: System, *paths: Path, practice: str | None = None) -> subprocess.CompletedProcess[str]:
    """`tandem load` as a supplier would call it, with an operator's token."""
    tandem = str(Path(sys.executable).with_name("tandem"))
    arguments = ["--url", system.url, "--token", system.token("T0001", operator=True)]
    if practice:
        arguments += ["--practice", practice]
    return subprocess.run(
        [tandem, "load", *map(str, paths), *arguments], capture_output=True, text=True, cwd=paths[0].parent, check=False
    )


@pytest.fixture
def new_network(tmp_path: Path) -> Callable[[System], Summary]:
    """Makes a network that no other test has, and loads it."""

    def new(system: System) -> Summary:
        folder = tmp_path / "network"
        summary = generate(patients=12, practices=2, seed=next(_SEEDS), out=folder)
        loaded = load(system, folder)
        assert loaded.returncode == 0, loaded.stdout + loaded.stderr
        return summary

    return new


@pytest.fixture
async def network(
    embedded: EmbeddedTandem, http: httpx.AsyncClient, new_network: Callable[[System], Summary]
) -> tuple[Summary, Cast]:
    """A fresh network on the embedded system, and its cast."""
    summary = await asyncio.to_thread(new_network, embedded)
    return summary, cast_of(summary, http, embedded.url, embedded.token)


Tandem = Callable[..., "subprocess.CompletedProcess[str]"]
NewSystem = Callable[..., EmbeddedTandem]


@pytest.fixture
def tandem() -> Tandem:
    """The `tandem` command as an operator types it, in an environment without any setting."""

    def run(*arguments: object) -> subprocess.CompletedProcess[str]:
        command = [str(Path(sys.executable).with_name("tandem")), *map(str, arguments)]
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
        return subprocess.run(command, check=False, capture_output=True, text=True, env=inherited)

    return run


@pytest.fixture
def new_system(tmp_path: Path) -> Iterator[NewSystem]:
    """Starts systems of the test's own, whose clocks it may move; all end with the test."""
    systems: list[EmbeddedTandem] = []

    def new(*arguments: str) -> EmbeddedTandem:
        system = EmbeddedTandem(tmp_path / f"system-{len(systems)}", *arguments)
        systems.append(system)
        system.start()
        return system

    yield new
    for system in systems:
        system.stop()
