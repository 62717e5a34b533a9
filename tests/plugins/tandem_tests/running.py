"""Tandem as its users run it: `tandem serve` in processes of their own, on free ports."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx

from tandem.database.migrate import migrate
from tandem.fhir.ownership import SERVICES
from tandem.identity.issuer import LocalIssuer
from tandem.identity.signing import load_or_create_key
from tandem.runtime.local_identity import LOCAL_AUDIENCE, LOCAL_ISSUER
from tandem.runtime.services import declared_service
from tandem.subscriptions.hosts import HOSTS_FILE
from tandem_tests.aside import run_aside
from tandem_tests.forked_command import ForkedCommand
from tandem_tests.free_ports import free_port
from tandem_tests.loopback import blocking_http_client

_TANDEM = Path(sys.executable).with_name("tandem")
_ATTEMPTS = 3000
"""Ten a second: minutes on a crowded machine; a process that has ended is seen at once."""


class NotReady(Exception):
    """A process did not become ready; the text is the end of its log."""


def migrated(service: str, url: str) -> None:
    """Bring the database of a service to its newest schema, as `tandem migrate` does."""
    run_aside(migrate(declared_service(service), url))


class TandemProcess:
    """One `tandem serve` on a port of its own; restarted on the same port."""

    def __init__(
        self, arguments: Sequence[str], environment: dict[str, str], log: Path, port: int | None = None
    ) -> None:
        self.port = port or free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._arguments = ["serve", *arguments, "--port", str(self.port)]
        self._environment = environment
        self._log = log
        self._process: subprocess.Popen[bytes] | ForkedCommand | None = None

    def set(self, name: str, value: str) -> None:
        """Give the process another environment the next time it is started."""
        self._environment = {**self._environment, name: value}

    def start(self) -> None:
        """Start without waiting."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("TANDEM_")}
        environment = {**inherited, **self._environment}
        # A benchmark measures the start of the command too, and other code than that of today is not imported here.
        if "PYTEST_VERSION" in os.environ and "PYTHONPATH" not in self._environment:
            self._process = ForkedCommand(self._arguments, environment, self._log)
            return
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(_TANDEM), *self._arguments], env=environment, stdout=log, stderr=log, start_new_session=True
            )

    def wait_ready(self) -> None:
        """Wait for `/health/ready`. Raises NotReady when the process ends first, or never answers."""
        assert self._process is not None, "start comes first"
        with blocking_http_client(base_url=self.url, timeout=5) as http:
            for _ in range(_ATTEMPTS):
                if self._process.poll() is not None:
                    raise NotReady(self.log_tail())
                try:
                    if http.get("/health/ready").status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                try:
                    # Returns early when the process ends; otherwise this is the pause between two looks.
                    self._process.wait(0.1)
                except subprocess.TimeoutExpired:
                    continue
        raise NotReady(self.log_tail())

    def kill(self) -> None:
        """kill -9, as a power cut would."""
        self._end(signal.SIGKILL)

    def ask_to_end(self) -> None:
        """Ask it to end, without waiting."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        """Ask it to end, and insist after a while."""
        self._end(signal.SIGTERM)

    def log(self) -> str:
        """All that it printed."""
        return self._log.read_text(errors="replace")

    def wait_ended(self) -> int:
        """Wait until it has ended by itself; answers its exit code, negative for a signal."""
        assert self._process is not None, "start comes first"
        return self._process.wait(300)

    def log_tail(self) -> str:
        """The end of what it printed."""
        return self._log.read_text(errors="replace")[-4000:]

    @property
    def running(self) -> bool:
        """Whether it was started and has not ended."""
        return self._process is not None and self._process.poll() is None

    @property
    def pid(self) -> int:
        """The process id."""
        assert self._process is not None, "start comes first"
        return self._process.pid

    def _end(self, how: signal.Signals) -> None:
        if self._process is None:
            return
        self._process.send_signal(how)
        try:
            self._process.wait(20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


class EmbeddedTandem:
    """All five services in one process, with a data directory. `environment` has further settings."""

    def __init__(self, data: Path, *arguments: str, environment: dict[str, str] | None = None) -> None:
        data.mkdir(parents=True, exist_ok=True)
        self.data = data
        self.process = TandemProcess(["--data", str(data), *arguments], environment or {}, data / "serve.log")
        self._issuer = LocalIssuer(data, LOCAL_ISSUER, LOCAL_AUDIENCE)

    @property
    def url(self) -> str:
        """The server's root."""
        return self.process.url

    def start(self) -> None:
        """Start and wait until it is ready."""
        self.process.start()
        self.process.wait_ready()

    def stop(self) -> None:
        """End it."""
        self.process.stop()

    def token(self, organisation: str, *, operator: bool = False, **claims: Any) -> str:
        """A bearer token for an organisation code; `claims` may be `user`, `role`, `purpose` and `scope`."""
        return self._issuer.mint(organisation, operator=operator, **claims)


class ServiceTandem:
    """The gateway and five services, each in a process of its own, on PostgreSQL and RabbitMQ.

    `arguments` and `environment` are given to each of them; `data` is a folder with the keys and the register of hosts.
    """

    def __init__(
        self, directory: Path, databases: dict[str, str], amqp_url: str, *arguments: str,
        environment: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        directory.mkdir(parents=True, exist_ok=True)
        self.data = directory
        self._issuer = LocalIssuer(directory, LOCAL_ISSUER, LOCAL_AUDIENCE)
        load_or_create_key(directory / "service-key.pem")
        self.databases = databases
        self.amqp_url = amqp_url
        self.processes: dict[str, TandemProcess] = {}
        ports = {name: free_port() for name in (*SERVICES, "gateway")}
        addresses = ",".join(f"{name}=http://127.0.0.1:{ports[name]}" for name in SERVICES)
        settings = {
            "TANDEM_SERVICE_KEY": str(directory / "service-key.pem"), "TANDEM_AMQP_URL": amqp_url,
            "TANDEM_ISSUER_DATA": str(directory), "TANDEM_POOL_SIZE": "4", "TANDEM_SERVICES": addresses,
            "TANDEM_PUBLIC_URL": f"http://127.0.0.1:{ports['gateway']}",
            "TANDEM_SUBSCRIPTION_HOSTS": str(directory / HOSTS_FILE), **(environment or {}),
        }  # fmt: skip
        for name, port in ports.items():
            own = {**settings, "TANDEM_DATABASE_URL": databases[name]}
            self.processes[name] = TandemProcess([name, *arguments], own, directory / f"{name}.log", port)

    @property
    def url(self) -> str:
        """The gateway's root."""
        return self.processes["gateway"].url

    def start(self) -> None:
        """Migrate, start all and wait until they are ready."""
        for name, url in self.databases.items():
            migrated(name, url)
        for process in self.processes.values():
            process.start()
        for process in self.processes.values():
            process.wait_ready()

    def kill_and_restart(self, name: str) -> None:
        """kill -9 one process and start it again on its port."""
        self.processes[name].kill()
        self.processes[name].start()
        self.processes[name].wait_ready()

    def stop(self) -> None:
        """End all, at the same time."""
        for process in self.processes.values():
            process.ask_to_end()
        for process in self.processes.values():
            process.stop()

    def token(self, organisation: str, *, operator: bool = False, **claims: Any) -> str:
        """A bearer token for an organisation code."""
        return self._issuer.mint(organisation, operator=operator, **claims)
