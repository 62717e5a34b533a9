"""One PostgreSQL server and one RabbitMQ broker for a whole run, found when the first test asks for one.

With pytest-xdist the controlling process finds both before it starts its workers, and tells them by environment:
a broker takes some ten seconds to start, so there is one for all of them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from tandem_tests.loud_skips import skip_loudly
from tandem_tests.postgresql_server import find_postgresql
from tandem_tests.rabbitmq_server import find_rabbitmq
from tandem_tests.server import NoServer, Server


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A PostgreSQL server on which databases may be created, or a loud skip."""
    try:
        server = find_postgresql()
    except NoServer as reason:
        skip_loudly("PostgreSQL", str(reason), service=True)
    yield server
    server.stop()


@pytest.fixture(scope="session")
def rabbitmq_server() -> Iterator[Server]:
    """A RabbitMQ broker, or a loud skip."""
    try:
        server = find_rabbitmq()
    except NoServer as reason:
        skip_loudly("RabbitMQ", str(reason), service=True)
    yield server
    server.stop()


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config, "workerinput") or not config.getoption("numprocesses", None):
        return
    for variable, find in (("TANDEM_TEST_DATABASE_URL", find_postgresql), ("TANDEM_TEST_AMQP_URL", find_rabbitmq)):
        try:
            server = find()
        except NoServer as reason:
            if os.environ.get("TANDEM_TEST_CONTAINERS") == "1":
                raise pytest.UsageError(f"no container for {variable}: {reason}") from None
            continue  # each worker that needs it finds as much, and skips with the reason
        config.add_cleanup(server.stop)
        os.environ[variable] = server.url
        if server.management_url:
            os.environ["TANDEM_TEST_RABBITMQ_API"] = server.management_url
    # the workers take what was found here
    os.environ.pop("TANDEM_TEST_CONTAINERS", None)
