"""Where tests have RabbitMQ from, and virtual hosts on it."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urlsplit

import aio_pika
import httpx

from tandem_tests.aside import run_aside
from tandem_tests.containers import docker_runs, rabbitmq_in_container
from tandem_tests.server import Server, Source, first_of

LOCAL_URL = "amqp://guest:guest@127.0.0.1:5672/"


class NoVirtualHosts(Exception):
    """The broker answers, but there is no way to create a virtual host on it from here."""


def find_rabbitmq() -> Server:
    """The one the environment names, else one that listens here, else one in Docker. Raises NoServer."""
    if os.environ.get("TANDEM_TEST_CONTAINERS") == "1":
        return first_of([Source("Docker", rabbitmq_in_container)])
    if url := os.environ.get("TANDEM_TEST_AMQP_URL"):
        return first_of([Source("TANDEM_TEST_AMQP_URL", lambda: answering(broker_at(url, "TANDEM_TEST_AMQP_URL")))])
    return first_of(
        [
            Source("localhost:5672", lambda: answering(broker_at(LOCAL_URL, "localhost:5672"))),
            Source("Docker", lambda: rabbitmq_in_container() if docker_runs() else None),
        ]
    )


def broker_at(url: str, source: str) -> Server:
    """A broker by its URL; its management plugin is looked for on the same host, or in TANDEM_TEST_RABBITMQ_API."""
    host = urlsplit(url).hostname
    management = os.environ.get("TANDEM_TEST_RABBITMQ_API", f"http://{host}:15672")
    return Server(url, source, management_url=management)


def answering(server: Server) -> Server:
    """The broker, once it opened a connection. Raises what aio-pika raises."""
    run_aside(_connect(server.url))
    return server


async def _connect(url: str) -> None:
    connection = await aio_pika.connect(url, timeout=10)
    await connection.close()


def create_virtual_host(server: Server) -> str:
    """Create a virtual host, with all rights for the broker's user, and answer its name. Raises NoVirtualHosts."""
    name = f"tandem-test-{secrets.token_hex(6)}"
    if not (_create_through_api(server, name) or _create_through_command(server, name)):
        raise NoVirtualHosts(f"neither a management plugin of {server.source} nor rabbitmqctl would create one")
    return name


def delete_virtual_host(server: Server, name: str) -> None:
    """Delete it with its exchanges and queues; a broker that has gone meanwhile took it along."""
    if not _ask_api(server, "DELETE", f"/api/vhosts/{name}") and shutil.which("rabbitmqctl"):
        _rabbitmqctl("delete_vhost", name)


def import_definitions(server: Server, document: dict[str, Any]) -> None:
    """Import a definitions file. Raises NoVirtualHosts where neither the management plugin nor rabbitmqctl does it."""
    if _ask_api(server, "POST", "/api/definitions", document):
        return
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(document, file)
        file.flush()
        Path(file.name).chmod(0o644)  # the command runs as the broker's user
        if not shutil.which("rabbitmqctl") or not _rabbitmqctl("import_definitions", file.name):
            raise NoVirtualHosts(f"neither a management plugin of {server.source} nor rabbitmqctl imports definitions")


def delete_user(server: Server, name: str) -> None:
    """Delete a user that definitions made."""
    if not _ask_api(server, "DELETE", f"/api/users/{name}") and shutil.which("rabbitmqctl"):
        _rabbitmqctl("delete_user", name)


def _create_through_api(server: Server, name: str) -> bool:
    user = quote(_user(server), safe="")
    rights = {"configure": ".*", "write": ".*", "read": ".*"}
    return _ask_api(server, "PUT", f"/api/vhosts/{name}") and _ask_api(
        server, "PUT", f"/api/permissions/{name}/{user}", rights
    )


def _create_through_command(server: Server, name: str) -> bool:
    if not shutil.which("rabbitmqctl") or not _rabbitmqctl("add_vhost", name):
        return False
    try:
        if _rabbitmqctl("set_permissions", "-p", name, _user(server), ".*", ".*", ".*"):
            run_aside(_connect(server.at(name)))  # rabbitmqctl may have spoken to another broker than this one
            return True
    except (OSError, aio_pika.exceptions.AMQPError):
        pass
    _rabbitmqctl("delete_vhost", name)
    return False


def _rabbitmqctl(*arguments: str) -> bool:
    done = subprocess.run(["rabbitmqctl", "-q", *arguments], capture_output=True, timeout=60, check=False)
    return done.returncode == 0


def _ask_api(server: Server, method: str, path: str, body: dict[str, Any] | None = None) -> bool:
    if server.management_url is None:
        return False
    parts = urlsplit(server.url)
    credentials = (_user(server), unquote(parts.password or "guest"))
    try:
        answer = httpx.request(
            method, f"{server.management_url}{path}", json=body, auth=credentials, timeout=10, trust_env=False
        )
    except httpx.TransportError:
        return False
    return answer.is_success


def _user(server: Server) -> str:
    return unquote(urlsplit(server.url).username or "guest")
