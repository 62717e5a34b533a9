"""A RabbitMQ broker of a test's own, which is killed as a power cut would, and started again with its data."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tandem_tests.free_ports import free_port
from tandem_tests.loud_skips import skip_loudly
from tandem_tests.rabbitmq_server import broker_at
from tandem_tests.server import Server

_BINARIES = (Path("/usr/lib/rabbitmq/bin"), Path("/opt/rabbitmq/sbin"), Path("/usr/local/sbin"))
_USER = "rabbitmq"
_ATTEMPTS = 1200
"""Ten a second; a broker that has ended is seen at once."""
_CONFIGURATION = """
listeners.tcp.local = 127.0.0.1:{amqp}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
default_user = test
default_pass = test
loopback_users = none
log.file.level = warning
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 50MB
"""


class BrokerEnded(Exception):
    """The broker ended, or never answered, while it was started; the text is the end of what it said."""


class PrivateRabbitmq:
    """A node in a folder of its own, with its own name server (epmd), all on loopback ports of its own."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._user = _USER if os.geteuid() == 0 else None
        self._folder = Path(tempfile.mkdtemp(prefix="tandem-mq-"))
        self.port, self._management, self._names, distribution = (free_port() for _ in range(4))
        self._process: subprocess.Popen[bytes] | None = None
        (self._folder / "rabbitmq.conf").write_text(
            _CONFIGURATION.format(amqp=self.port, management=self._management), encoding="utf-8"
        )
        (self._folder / "enabled_plugins").write_text("[rabbitmq_management].\n", encoding="utf-8")
        folder = str(self._folder)
        self._environment = {
            "PATH": os.environ.get("PATH", ""), "HOME": folder, "LANG": "C.UTF-8",
            "RABBITMQ_NODENAME": f"t{self.port}@localhost", "RABBITMQ_DIST_PORT": str(distribution),
            "ERL_EPMD_PORT": str(self._names), "ERL_EPMD_ADDRESS": "127.0.0.1",
            # so that it may be ended while it still takes a killed node for a living one
            "ERL_EPMD_RELAXED_COMMAND_CHECK": "1",
            "RABBITMQ_CONFIG_FILE": f"{folder}/rabbitmq.conf",
            "RABBITMQ_ENABLED_PLUGINS_FILE": f"{folder}/enabled_plugins",
            "RABBITMQ_MNESIA_BASE": f"{folder}/data", "RABBITMQ_LOG_BASE": f"{folder}/log",
            "RABBITMQ_PID_FILE": f"{folder}/pid",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "+S 2:2 -kernel inet_dist_use_interface {127,0,0,1}",
        }  # fmt: skip
        if self._user is not None:
            owner = pwd.getpwnam(self._user)
            for path in (self._folder, *self._folder.iterdir()):
                os.chown(path, owner.pw_uid, owner.pw_gid)

    @property
    def server(self) -> Server:
        """The broker as tests take it, with its management plugin."""
        found = broker_at(f"amqp://test:test@127.0.0.1:{self.port}/", "a broker of the test's own")
        return Server(found.url, found.source, management_url=f"http://127.0.0.1:{self._management}")

    def start(self) -> None:
        """Start and wait until its management plugin answers, which comes last. Raises BrokerEnded."""
        with (self._folder / "out").open("ab") as out:
            self._process = subprocess.Popen(
                [str(self._binaries / "rabbitmq-server")], cwd=self._folder, env=self._environment, user=self._user,
                group=self._user, extra_groups=[] if self._user else None, stdin=subprocess.DEVNULL, stdout=out,
                stderr=out, start_new_session=True,
            )  # fmt: skip
        for _ in range(_ATTEMPTS):
            if self._answers():
                return
            try:
                # Returns early when the broker ends; otherwise this is the pause between two looks.
                self._process.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            break
        raise BrokerEnded((self._folder / "out").read_text(errors="replace")[-2000:])

    def kill(self) -> None:
        """kill -9 the broker and all that it started; what it had written is kept."""
        process, self._process = self._process, None
        if process is None:
            return
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def remove(self) -> None:
        """End it, and delete its data."""
        self.kill()
        if shutil.which("epmd"):
            subprocess.run(
                ["epmd", "-port", str(self._names), "-kill"], env=self._environment, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, timeout=30, check=False,
            )  # fmt: skip
        shutil.rmtree(self._folder, ignore_errors=True)

    def _answers(self) -> bool:
        address = f"http://127.0.0.1:{self._management}/api/overview"
        try:
            return httpx.get(address, auth=("test", "test"), timeout=5, trust_env=False).is_success
        except httpx.TransportError:
            return False


def find_private_rabbitmq() -> PrivateRabbitmq | str:
    """A running broker from the first installation that yields one, else why there is none."""
    on_path = shutil.which("rabbitmq-server")
    places = [*_BINARIES, *([Path(on_path).resolve().parent] if on_path else [])]
    tried = []
    for binaries in places:
        if not (binaries / "rabbitmq-server").exists():
            continue
        broker = PrivateRabbitmq(binaries)
        try:
            broker.start()
        except (OSError, KeyError, BrokerEnded) as fault:
            broker.remove()
            tried.append(f"{binaries}: {type(fault).__name__}")
            continue
        return broker
    return "; ".join(tried) or "no rabbitmq-server on the path or where distributions put it"


@pytest.fixture
def private_rabbitmq() -> Iterator[PrivateRabbitmq]:
    """A running broker that nobody else uses, or a loud skip."""
    broker = find_private_rabbitmq()
    if isinstance(broker, str):
        skip_loudly("RabbitMQ that can be killed", broker, service=True)
    yield broker
    broker.remove()
