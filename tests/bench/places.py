"""Where a run takes place: databases and a virtual host of its own, and processes on a core each."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil

from tandem.fhir.ownership import SERVICES
from tandem.identity.issuer import LocalIssuer
from tandem.identity.signing import load_or_create_key
from tandem.runtime.local_identity import LOCAL_AUDIENCE, LOCAL_ISSUER
from tandem_tests.free_ports import free_port
from tandem_tests.postgresql_server import create_database, drop_databases, find_postgresql
from tandem_tests.rabbitmq_server import create_virtual_host, delete_virtual_host, find_rabbitmq
from tandem_tests.running import TandemProcess

_FLOORS = Path(__file__).with_name("floors")
_TANDEM = str(Path(sys.executable).with_name("tandem"))
SERVER_CORE, LOAD_CORE = 0, (os.cpu_count() or 1) - 1


@dataclass
class Place:
    """One run's servers and folder; everything made here is taken away when the run ends."""

    folder: Path
    stack: ExitStack
    postgresql: str = ""
    amqp_url: str = ""
    issuer: LocalIssuer = field(init=False)

    def __post_init__(self) -> None:
        self._server = find_postgresql()
        self._broker = find_rabbitmq()
        self.issuer = LocalIssuer(self.folder, LOCAL_ISSUER, LOCAL_AUDIENCE)
        load_or_create_key(self.folder / "service-key.pem")
        host = create_virtual_host(self._broker)
        self.stack.callback(delete_virtual_host, self._broker, host)
        self.amqp_url = self._broker.at(host)

    def database(self, service: str) -> str:
        """A migrated database of this service."""
        name = create_database(self._server)
        self.stack.callback(drop_databases, self._server, [name])
        url = self._server.at(name)
        subprocess.run([_TANDEM, "migrate", service, "--database-url", url], check=True, capture_output=True)
        return url

    def environment(self, database: str) -> dict[str, str]:
        """The settings of one service whose neighbours are away."""
        nowhere = ",".join(f"{other}=http://127.0.0.1:9" for other in SERVICES)
        return {
            "TANDEM_SERVICE_KEY": str(self.folder / "service-key.pem"), "TANDEM_AMQP_URL": self.amqp_url,
            "TANDEM_ISSUER_DATA": str(self.folder), "TANDEM_POOL_SIZE": "16", "TANDEM_SERVICES": nowhere,
            "TANDEM_DATABASE_URL": database, "TANDEM_LOG_LEVEL": "ERROR",
        }  # fmt: skip

    def service(self, name: str, database: str) -> TandemProcess:
        """One service on its own, on the server core; the other services are away."""
        process = TandemProcess([name], self.environment(database), self.folder / f"{name}.log")
        process.start()
        self.stack.callback(process.stop)
        process.wait_ready()
        pin(process.pid, SERVER_CORE)
        return process

    def floor(self, name: str, database: str = "") -> tuple[str, int]:
        """A floor's server on the server core: its URL and process id."""
        port = free_port()
        command = [sys.executable, str(_FLOORS / f"{name}.py"), "--port", str(port)]
        process = subprocess.Popen([*command, "--database-url", database] if database else command)
        self.stack.callback(_end, process)
        url = f"http://127.0.0.1:{port}"
        until_answering(url, process)
        pin(process.pid, SERVER_CORE)
        return url, process.pid

    def token(self, organisation: str, *, operator: bool = False) -> str:
        """A bearer token."""
        return self.issuer.mint(organisation, operator=operator)


@contextmanager
def place(folder: Path) -> Iterator[Place]:
    """A place for one run. Raises NoServer, NoVirtualHosts."""
    with ExitStack() as stack:
        yield Place(folder, stack)


def until_answering(url: str, process: subprocess.Popen[bytes]) -> float:
    """Wait until a server answers; the seconds it took."""
    started = time.perf_counter()
    while process.poll() is None and time.perf_counter() - started < 60:
        try:
            httpx.get(f"{url}/health/ready", timeout=5)
            return time.perf_counter() - started
        except httpx.TransportError:
            time.sleep(0.02)
    raise RuntimeError(f"{process.args!r} did not answer")


def pin(pid: int, core: int) -> None:
    """Keep a process, with all its threads, on one core."""
    for thread in psutil.Process(pid).threads():
        os.sched_setaffinity(thread.id, {core})


def cpu_seconds(pids: Sequence[int]) -> float:
    """User and system time that these processes have used so far."""
    times = [psutil.Process(pid).cpu_times() for pid in pids]
    return float(sum(one.user + one.system for one in times))


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait(20)
