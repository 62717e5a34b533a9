"""Virtual hosts of RabbitMQ for tests.

`amqp_url` is one for the whole run of a worker: its tests name their exchanges and queues apart. `new_amqp_url` makes
as many as a test needs, each with nothing in it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from tandem_tests.loud_skips import skip_loudly
from tandem_tests.rabbitmq_server import NoVirtualHosts, create_virtual_host, delete_virtual_host
from tandem_tests.server import Server

NewAmqpUrl = Callable[[], str]
"""Makes an empty virtual host and answers its URL; it is deleted when the test ends."""


@pytest.fixture(scope="session")
def amqp_url(rabbitmq_server: Server) -> Iterator[str]:
    """A virtual host of this run's own; where none can be created, the one that the broker's URL names."""
    try:
        name = create_virtual_host(rabbitmq_server)
    except NoVirtualHosts:
        yield rabbitmq_server.url
        return
    yield rabbitmq_server.at(name)
    delete_virtual_host(rabbitmq_server, name)


@contextmanager
def new_virtual_hosts(server: Server) -> Iterator[NewAmqpUrl]:
    """Makes empty virtual hosts, deleted at the end; a loud skip where none can be created."""
    created: list[str] = []

    def new() -> str:
        try:
            created.append(create_virtual_host(server))
        except NoVirtualHosts as reason:
            skip_loudly("RabbitMQ with virtual hosts of a test's own", str(reason), service=True)
        return server.at(created[-1])

    try:
        yield new
    finally:
        for name in created:
            delete_virtual_host(server, name)


@pytest.fixture
def new_amqp_url(rabbitmq_server: Server) -> Iterator[NewAmqpUrl]:
    """Makes empty virtual hosts for a test."""
    with new_virtual_hosts(rabbitmq_server) as new:
        yield new
