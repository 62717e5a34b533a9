"""Gateway and five services on a PostgreSQL and a RabbitMQ of their own, with a breakable network between any two.

`faulty_tandem` starts one. Everything in it may be killed, cut and held without anybody else noticing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tandem.fhir.ownership import SERVICES
from tandem_tests.cut import Cut
from tandem_tests.loud_skips import skip_loudly
from tandem_tests.private_postgresql import PrivatePostgresql, find_private_postgresql
from tandem_tests.private_rabbitmq import PrivateRabbitmq, find_private_rabbitmq
from tandem_tests.running import ServiceTandem

POSTGRESQL, RABBITMQ, CLIENT = "postgresql", "rabbitmq", "client"
GATEWAY = "gateway"


class FaultyTandem:
    """`links` are the connections by (who opens it, what it opens it to); the client's goes to the gateway."""

    def __init__(self, folder: Path, postgresql: PrivatePostgresql, rabbitmq: PrivateRabbitmq, *arguments: str) -> None:
        self.postgresql, self.rabbitmq = postgresql, rabbitmq
        self.databases = {
            name: postgresql.create_database(name.replace("-", "_")) for name in (*SERVICES, GATEWAY)
        }  # fmt: skip
        self.system = ServiceTandem(folder, self.databases, rabbitmq.server.url, *arguments)
        self.links: dict[tuple[str, str], Cut] = {}
        for name in self.system.processes:
            self._reroute(name)
        self.links[CLIENT, GATEWAY] = Cut("127.0.0.1", self.system.processes[GATEWAY].port)

    @property
    def url(self) -> str:
        """The gateway's root, as clients reach it."""
        return f"http://127.0.0.1:{self.links[CLIENT, GATEWAY].port}"

    def kill(self, name: str) -> None:
        """kill -9 one process, the broker or the database server."""
        if name == POSTGRESQL:
            self.postgresql.kill()
        elif name == RABBITMQ:
            self.rabbitmq.kill()
        else:
            self.system.processes[name].kill()

    def begin_again(self, name: str) -> None:
        """Start what was killed; returns when it answers."""
        if name == POSTGRESQL:
            self.postgresql.start()
        elif name == RABBITMQ:
            self.rabbitmq.start()
        else:
            self.system.processes[name].start()
            self.system.processes[name].wait_ready()

    def everything_flows(self) -> None:
        """Heal and mend every link."""
        for link in self.links.values():
            link.heal()

    def stop(self) -> None:
        """End the processes; databases and broker are their owners' to remove."""
        self.everything_flows()
        self.system.stop()
        for link in self.links.values():
            link.cut()

    def _reroute(self, name: str) -> None:
        process = self.system.processes[name]
        database = self._through(name, POSTGRESQL, self.postgresql.port)
        process.set("TANDEM_DATABASE_URL", _moved(self.databases[name], database))
        if name != GATEWAY:
            broker = self._through(name, RABBITMQ, self.rabbitmq.port)
            process.set("TANDEM_AMQP_URL", _moved(self.rabbitmq.server.url, broker))
        addresses = [
            f"{other}=http://127.0.0.1:{self._through(name, other, self.system.processes[other].port)}"
            for other in SERVICES
        ]
        process.set("TANDEM_SERVICES", ",".join(addresses))

    def _through(self, name: str, other: str, port: int) -> int:
        link = self.links[name, other] = Cut("127.0.0.1", port)
        return link.port


def _moved(url: str, port: int) -> str:
    parts = urlsplit(url)
    return parts._replace(netloc=f"{parts.netloc.rpartition(':')[0]}:{port}").geturl()


WITHOUT_WAITING = ("fsync=off", "full_page_writes=off")
"""Of PostgreSQL: what a killed server has written is the system's to keep, and no power fails here."""
NewFaultyTandem = Callable[..., FaultyTandem]
"""Takes the arguments of `tandem serve`, and `settings` of PostgreSQL; the system is running when it returns."""


@contextmanager
def faulty_tandems(folder: Path) -> Iterator[NewFaultyTandem]:
    """Starts systems of a test's own; loud skips where PostgreSQL or RabbitMQ cannot be started."""
    with ExitStack() as at_the_end:

        def new(*arguments: str, settings: Sequence[str] = WITHOUT_WAITING, place: Path | None = None) -> FaultyTandem:
            postgresql = find_private_postgresql(place=place, settings=settings)
            if isinstance(postgresql, str):
                skip_loudly("PostgreSQL that can be killed", postgresql, service=True)
            at_the_end.callback(postgresql.remove)
            rabbitmq = find_private_rabbitmq()
            if isinstance(rabbitmq, str):
                skip_loudly("RabbitMQ that can be killed", rabbitmq, service=True)
            at_the_end.callback(rabbitmq.remove)
            tandem = FaultyTandem(folder / "faulty", postgresql, rabbitmq, *arguments)
            at_the_end.callback(tandem.stop)
            tandem.system.start()
            return tandem

        yield new


@pytest.fixture
def new_faulty_tandem(tmp_path: Path) -> Iterator[NewFaultyTandem]:
    """Starts systems that may be broken in every way."""
    with faulty_tandems(tmp_path) as new:
        yield new
