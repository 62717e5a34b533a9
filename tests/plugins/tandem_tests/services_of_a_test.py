"""`new_services` starts systems of six processes of a test's own, on PostgreSQL and RabbitMQ; all end with the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tandem.fhir.ownership import SERVICES
from tandem.runtime.services import declared_service
from tandem_tests.brokers import new_virtual_hosts
from tandem_tests.prepared_databases import PreparedDatabases
from tandem_tests.running import ServiceTandem
from tandem_tests.server import Server

NewServices = Callable[..., ServiceTandem]
"""Takes the arguments of `tandem serve`, more `environment`, and `through`: what makes the URL used of the broker's."""


@contextmanager
def running_services(folder: Path, prepared: PreparedDatabases, rabbitmq: Server) -> Iterator[NewServices]:
    """Starts systems whose keys and logs are in `folder`, each with databases and a virtual host of its own."""
    systems: list[ServiceTandem] = []
    with new_virtual_hosts(rabbitmq) as new_virtual_host:

        def new(
            *arguments: str, through: Callable[[str], str] = str, environment: dict[str, str] | None = None
        ) -> ServiceTandem:
            databases = {name: prepared.take_migrated(declared_service(name)) for name in (*SERVICES, "gateway")}
            url = through(new_virtual_host())
            data = folder / f"services-{len(systems)}"
            systems.append(ServiceTandem(data, databases, url, *arguments, environment=environment))
            systems[-1].start()
            return systems[-1]

        try:
            yield new
        finally:
            for system in systems:
                system.stop()
                for url in system.databases.values():
                    prepared.give_back(url)


@pytest.fixture
def new_services(
    tmp_path: Path, prepared_databases: PreparedDatabases, rabbitmq_server: Server
) -> Iterator[NewServices]:
    """Starts systems of the test's own."""
    with running_services(tmp_path, prepared_databases, rabbitmq_server) as new:
        yield new


@pytest.fixture
def services(new_services: NewServices) -> ServiceTandem:
    """Gateway and five services of the test's own, which may be killed."""
    return new_services()
