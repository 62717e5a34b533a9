"""Two processes of each service and of the gateway, behind one address each, on the same databases and broker."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from tandem.fhir.ownership import SERVICES
from tandem.identity.issuer import LocalIssuer
from tandem.identity.signing import load_or_create_key
from tandem.runtime.local_identity import LOCAL_AUDIENCE, LOCAL_ISSUER
from tandem.subscriptions.hosts import HOSTS_FILE
from tandem_tests.brokers import new_virtual_hosts
from tandem_tests.free_ports import free_port
from tandem_tests.loud_skips import skip_loudly
from tandem_tests.private_postgresql import find_private_postgresql
from tandem_tests.round_robin import RoundRobin
from tandem_tests.running import TandemProcess, migrated
from tandem_tests.server import Server

NAMES = (*SERVICES, "gateway")


class TwoReplicas:
    """The system. `processes[name]` are the two of a service, `url` is the gateway's address for clients."""

    def __init__(self, directory: Path, databases: dict[str, str], amqp_url: str) -> None:
        self.data, self.databases = directory, databases
        self._issuer = LocalIssuer(directory, LOCAL_ISSUER, LOCAL_AUDIENCE)
        load_or_create_key(directory / "service-key.pem")
        ports = {name: (free_port(), free_port()) for name in NAMES}
        self._balancers = {name: RoundRobin(ports[name]) for name in NAMES}
        addresses = {name: f"http://127.0.0.1:{balancer.port}" for name, balancer in self._balancers.items()}
        self.url = addresses["gateway"]
        environment = {
            "TANDEM_SERVICE_KEY": str(directory / "service-key.pem"), "TANDEM_AMQP_URL": amqp_url,
            "TANDEM_ISSUER_DATA": str(directory), "TANDEM_POOL_SIZE": "3", "TANDEM_PUBLIC_URL": self.url,
            "TANDEM_SERVICES": ",".join(f"{name}={addresses[name]}" for name in SERVICES),
            "TANDEM_SUBSCRIPTION_HOSTS": str(directory / HOSTS_FILE),
        }  # fmt: skip
        self.processes = {
            name: tuple(
                TandemProcess(
                    [name], {**environment, "TANDEM_DATABASE_URL": databases[name]}, directory / f"{name}-{number}.log",
                    port,
                )
                for number, port in enumerate(both)
            )
            for name, both in ports.items()
        }  # fmt: skip

    def start(self) -> None:
        """Migrate, one database by two processes at once; start all at once, so that two seed; wait for all of them."""
        for name, url in self.databases.items():
            if name != "mdt-service":
                migrated(name, url)
        migrated_by_two("mdt-service", self.databases["mdt-service"])
        for process in self.every:
            process.start()
        for process in self.every:
            process.wait_ready()

    @property
    def every(self) -> list[TandemProcess]:
        """All twelve processes."""
        return [process for both in self.processes.values() for process in both]

    def stop(self) -> None:
        """End all, at the same time."""
        for process in self.every:
            process.kill()
        for balancer in self._balancers.values():
            balancer.close()

    def token(self, organisation: str, *, operator: bool = False, **claims: Any) -> str:
        """A bearer token for an organisation code."""
        return self._issuer.mint(organisation, operator=operator, **claims)

    async def column(self, name: str, sql: str) -> list[Any]:
        """The first column of a query to the database of a service."""
        connection = await asyncpg.connect(self.databases[name])
        try:
            return [row[0] for row in await connection.fetch(sql)]
        finally:
            await connection.close()

    async def leader(self, name: str) -> TandemProcess:
        """The one of the two that relays, once there is just one: it listens for writes, and the other does not."""
        while True:
            ports = await self.column(
                name, "SELECT client_port FROM pg_stat_activity WHERE datname = current_database()"
                " AND query LIKE 'LISTEN%'",
            )  # fmt: skip
            held = [each for each in self.processes[name] if each.running and local_ports(each.pid) & set(ports)]
            if len(held) == len(ports) == 1:
                return held[0]
            await asyncio.sleep(0.1)


def migrated_by_two(name: str, url: str) -> None:
    """Two processes of `tandem migrate` on one empty database, at the same time."""
    arguments = [str(Path(sys.executable).with_name("tandem")), "migrate", name]
    environment = {**os.environ, "TANDEM_DATABASE_URL": url}
    both = [subprocess.Popen(arguments, env=environment) for _ in range(2)]
    assert [each.wait(300) for each in both] == [0, 0]


def local_ports(pid: int) -> set[int]:
    """The local ports of the TCP connections of a process."""
    sockets = set()
    for link in Path(f"/proc/{pid}/fd").iterdir():
        try:
            target = str(link.readlink())
        except OSError:
            continue
        if target.startswith("socket:["):
            sockets.add(target[8:-1])
    lines = Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]
    return {int(each[1].rpartition(":")[2], 16) for each in map(str.split, lines) if each[9] in sockets}


@pytest.fixture(scope="module")
def two_replicas(tmp_path_factory: pytest.TempPathFactory, rabbitmq_server: Server) -> Iterator[TwoReplicas]:
    """Two processes of everything, ready. Their PostgreSQL is their own: a shared one has too few connections."""
    postgresql = find_private_postgresql()
    if isinstance(postgresql, str):
        skip_loudly("PostgreSQL of a test's own", postgresql, service=True)
    try:
        with new_virtual_hosts(rabbitmq_server) as new_virtual_host:
            databases = {name: postgresql.create_database(name) for name in NAMES}
            system = TwoReplicas(tmp_path_factory.mktemp("replicas"), databases, new_virtual_host())
            try:
                system.start()
                yield system
            finally:
                system.stop()
    finally:
        postgresql.remove()
