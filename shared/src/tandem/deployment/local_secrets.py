"""Random secrets for a machine of one's own, made at the first start: no password is the same on two machines.

Below the directory each process has a folder, and so have PostgreSQL and RabbitMQ; in containers each folder is a
volume that one of them alone can see. What a process needs to know stands in its own folder and is made first; what the
other side needs to know follows from it at every start, so a folder that is lost makes new secrets and no disorder.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from tandem.deployment.broker_definitions import topology_definitions, user_definitions
from tandem.fhir.ownership import SERVICES
from tandem.identity.folder_lock import alone_in
from tandem.identity.signing import load_or_create_key
from tandem.runtime.services import GATEWAY, SERVICE_NAMES

SERVICE_KEY: Final = "service-key.pem"
SUPERUSER: Final = "superuser"
_BYTES: Final = 24


def make_secrets(directory: Path, consumers: Mapping[str, Sequence[str]], renew: Collection[str] = ()) -> None:
    """Make what is absent, and the passwords of the processes in `renew` again. The folders must be there.

    `consumers` is what the broker's definitions are made from. Raises OSError when a folder cannot be written. Two at
    once wait for one another.
    """
    # In containers the folders are volumes, and the directory is each container's own.
    with alone_in(directory / GATEWAY):
        _make(directory, consumers, renew)


def _make(directory: Path, consumers: Mapping[str, Sequence[str]], renew: Collection[str]) -> None:
    load_or_create_key(directory / GATEWAY / SERVICE_KEY)
    for name in SERVICE_NAMES:
        _write(directory / name / SERVICE_KEY, (directory / GATEWAY / SERVICE_KEY).read_text())
        _database(directory, name, again=name in renew)
    _secret(directory / "postgres" / SUPERUSER)
    _secret(directory / "cohort-service" / "pseudonym-key")
    passwords = {name: _broker(directory, name, again=name in renew) for name in SERVICES}
    definitions = topology_definitions(consumers) | user_definitions(passwords)
    _write(directory / "rabbitmq" / "definitions.json", json.dumps(definitions, indent=1))


def role(process: str) -> str:
    """The name of a process's database, and of its role there."""
    return process.removesuffix("-service")


def _database(directory: Path, name: str, *, again: bool) -> None:
    own = directory / name / "database-password"
    password = _secret(own, again=again)
    _write(directory / name / "database-url", f"postgresql://{role(name)}:{password}@postgres:5432/{role(name)}")
    _write(directory / "postgres" / role(name), password)


def _broker(directory: Path, name: str, *, again: bool) -> str:
    password = _secret(directory / name / "broker-password", again=again)
    _write(directory / name / "amqp-url", f"amqp://{name}:{password}@rabbitmq:5672/%2F")
    return password


def _secret(path: Path, *, again: bool = False) -> str:
    if again or not path.exists():
        _write(path, secrets.token_urlsafe(_BYTES))
    return path.read_text()


def _write(path: Path, text: str) -> None:
    """Whole or not at all, and not when it says so already. PostgreSQL and RabbitMQ read it as users of their own: what
    keeps others away is the folder, which one of them alone is given."""
    if path.exists() and path.read_text() == text:
        return
    draft = path.with_name(f"{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o444), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
