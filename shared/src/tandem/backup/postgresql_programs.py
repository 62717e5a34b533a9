"""pg_dump and pg_restore, run as programs: the format is theirs, and their own tools can read it."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from tandem.backup.refusal import Refused


async def dump(url: str, snapshot: str, path: Path) -> None:
    """Write a dump in custom format of what the exported snapshot sees. Raises Refused."""
    await _run("pg_dump", url, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}",
               f"--file={path}")  # fmt: skip


async def restore(url: str, path: Path) -> None:
    """Bring a dump into an empty database, all of it or nothing. Raises Refused."""
    await _run("pg_restore", url, "--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction", str(path))


async def _run(program: str, url: str, *arguments: str) -> None:
    found = shutil.which(program)
    if found is None:
        raise Refused(f"{program} is not there: it comes with PostgreSQL's client programs")
    address, password = _without_password(url)
    # Not as an argument: any user of the machine can read those.
    environment = os.environ | ({"PGPASSWORD": password} if password else {})
    process = await asyncio.create_subprocess_exec(
        found, f"--dbname={address}", *arguments, env=environment, stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        _, errors = await process.communicate()
    except asyncio.CancelledError:
        process.kill()
        await process.wait()
        raise
    if process.returncode:
        raise Refused(f"{program} ended with {process.returncode}: {_first_error(program, errors)}")


def _without_password(url: str) -> tuple[str, str | None]:
    parts = urlsplit(url)
    if parts.password is None:
        return url, None
    user, _, hosts = parts.netloc.rpartition("@")
    address = urlunsplit(parts._replace(netloc=f"{user.partition(':')[0]}@{hosts}"))
    return address, unquote(parts.password)


def _first_error(program: str, errors: bytes) -> str:
    # One line alone: those that follow may quote a row.
    lines = errors.decode(errors="replace").splitlines()
    mark = f"{program}: error: "
    return next((line.removeprefix(mark) for line in lines if line.startswith(mark)), "it gave no reason")
