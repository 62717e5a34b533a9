"""RabbitMQ's definitions file: what Tandem declares there, and one user a service with the least rights.

https://www.rabbitmq.com/docs/definitions, https://www.rabbitmq.com/docs/access-control, https://www.rabbitmq.com/docs/passwords
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from typing import Any

from tandem.events.kinds import routing_key, widened
from tandem.events.rabbitmq_topology import DEAD_ARGUMENTS, Topology

Definitions = dict[str, Any]


def topology_definitions(
    consumers: Mapping[str, Sequence[str]], topology: Topology | None = None, virtual_host: str = "/"
) -> Definitions:
    """Exchanges, queues and bindings. `consumers` maps each consumer to the patterns of events that it receives."""
    topology = topology or Topology()
    exchanges = [_exchange(topology.exchange, "topic"), _exchange(topology.dead, "fanout")]
    queues = [_queue(topology.dead, DEAD_ARGUMENTS)]
    queues += [_queue(topology.queue(name), topology.queue_arguments()) for name in consumers]
    bindings = [_binding(topology.dead, topology.dead, "")]
    bindings += [
        _binding(topology.exchange, topology.queue(name), routing_key(pattern))
        for name, kinds in consumers.items() for pattern in sorted(set(widened(kinds)))
    ]  # fmt: skip
    found = {"exchanges": exchanges, "queues": queues, "bindings": bindings}
    placed = {what: [{"vhost": virtual_host, **each} for each in all_of] for what, all_of in found.items()}
    return {"vhosts": [{"name": virtual_host}], **placed}


def user_definitions(
    passwords: Mapping[str, str], topology: Topology | None = None, virtual_host: str = "/"
) -> Definitions:
    """A user for each consumer, with the hash of its password, and its rights: its own queue, and to publish.

    It may make its own queue again, should that be lost, but no exchange, and touch no queue of another.
    """
    topology = topology or Topology()
    return {
        "users": [
            {"name": name, "password_hash": password_hash(password), "tags": "",
             "hashing_algorithm": "rabbit_password_hashing_sha256"}
            for name, password in passwords.items()
        ],
        "permissions": [{"user": name, "vhost": virtual_host, **rights(name, topology)} for name in passwords],
    }  # fmt: skip


def rights(consumer: str, topology: Topology) -> dict[str, str]:
    """`configure`, `write` and `read`: regular expressions of the names that the user may make, write to and read.

    Binding a queue takes write on the queue and read on the exchange; naming a dead-letter exchange write on that.
    """
    own = topology.queue(consumer)
    return {
        "configure": _one_of(own),
        "write": _one_of(own, topology.exchange, topology.dead),
        "read": _one_of(own, topology.exchange),
    }


def password_hash(password: str) -> str:
    """As RabbitMQ keeps it. The salt follows from the password, which is random: so the file only changes with it."""
    salt = hashlib.sha256(b"salt" + password.encode()).digest()[:4]
    return base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode()


def _one_of(*names: str) -> str:
    return f"^({'|'.join(re.escape(name).replace(chr(92) + '-', '-') for name in names)})$"


def _exchange(name: str, kind: str) -> Definitions:
    return {"name": name, "type": kind, "durable": True, "auto_delete": False,
            "internal": False, "arguments": {}}  # fmt: skip


def _queue(name: str, arguments: Mapping[str, Any]) -> Definitions:
    return {"name": name, "durable": True, "auto_delete": False, "arguments": dict(arguments)}


def _binding(exchange: str, queue: str, key: str) -> Definitions:
    return {"source": exchange, "destination": queue, "destination_type": "queue",
            "routing_key": key, "arguments": {}}  # fmt: skip
