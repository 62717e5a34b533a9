"""The AsyncAPI 3.0 document of Tandem's events, made from what the services declare (https://www.asyncapi.com).

One channel a type and one a domain event; each service sends what it owns and emits, and receives what it listens to.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tandem.events.envelope import BATCH_CONTENT_TYPE, CONTENT_TYPE
from tandem.events.kinds import routing_key, widened
from tandem.events.rabbitmq_topology import Topology
from tandem.service import Service

_ACTIONS = ("create", "update", "delete")
_ATTRIBUTES: dict[str, tuple[str, str]] = {
    "specversion": ("string", "always 1.0"),
    "id": ("string", "the same for every delivery of the event"),
    "source": ("string", "/tandem/ and the service whose log the event is in"),
    "type": ("string", "the kind of event"),
    "subject": ("string", "Type/id/_history/version of a resource, or the key of a domain event"),
    "time": ("string", "when it was written, or fell due"),
    "datacontenttype": ("string", "application/fhir+json or application/json; absent after a delete"),
    "sequence": ("string", "the position in the log of the source, a decimal number"),
    "correlationid": ("string", "the request that caused it"),
    "patientid": ("string", "the id of the Patient in whose compartment it is"),
    "organisation": ("string", "the code of the organisation that wrote it"),
    "practice": ("string", "the registered practice named beside a Patient when it was loaded"),
    "accessgranted": ("boolean", "whether that organisation had access to the patient"),
    "data": ("object", "the resource as it was sent, or the fact"),
}
_REQUIRED = ["specversion", "id", "source", "type", "subject", "time", "accessgranted"]


def document(services: Sequence[Service], *, version: str, topology: Topology | None = None) -> dict[str, Any]:
    """The document for these services, the same for the same declarations. Raises ValueError when a service listens
    to a domain event that none of them emits and that asks for nothing, or to a type that none of them owns."""
    names = topology or Topology()
    channels, messages = _channels(services, names)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Tandem events",
            "version": version,
            "description": "Every committed change and every fact of the domain, as CloudEvents 1.0 in JSON.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": channels,
        "operations": _operations(services, channels, names),
        "components": {"messages": messages, "schemas": {"envelope": _envelope()}},
    }


def _channels(services: Sequence[Service], names: Topology) -> tuple[dict[str, Any], dict[str, Any]]:
    channels: dict[str, Any] = {}
    messages: dict[str, Any] = {}
    for service in services:
        for owned in service.types:
            kinds = {f"fhir.{owned.name}.{action}": f"A {owned.name} was {action}d." for action in _ACTIONS}
            channels[f"fhir.{owned.name}"] = _channel(f"{owned.name}.*", kinds, names)
            messages |= {kind: _message(kind, summary) for kind, summary in kinds.items()}
        for kind, summary in service.emits.items():
            channels[kind] = _channel(routing_key(kind), {kind: summary}, names)
            messages[kind] = _message(kind, summary)
    for kind, summary in _asked(services).items():
        if kind not in channels:
            channels[kind] = _channel(routing_key(kind), {kind: summary}, names)
            messages[kind] = _message(kind, summary)
    return dict(sorted(channels.items())), dict(sorted(messages.items()))


def _asked(services: Sequence[Service]) -> dict[str, str]:
    """The kinds that any service may send, by what they ask for."""
    listeners = [listener for service in services for listener in service.listeners if listener.asks]
    return {kind: listener.asks for listener in listeners for kind in listener.kinds}


def _channel(address: str, kinds: dict[str, str], names: Topology) -> dict[str, Any]:
    exchange = {"name": names.exchange, "type": "topic", "durable": True, "autoDelete": False}
    return {
        "address": address,
        "messages": {kind: {"$ref": f"#/components/messages/{kind}"} for kind in kinds},
        "bindings": {"amqp": {"is": "routingKey", "exchange": exchange, "bindingVersion": "0.3.0"}},
    }


def _message(kind: str, summary: str) -> dict[str, Any]:
    fhir = kind.startswith("fhir.")
    return {
        "name": kind,
        "summary": summary,
        "contentType": CONTENT_TYPE,
        "description": f"Consecutive events of this kind may share a message, as {BATCH_CONTENT_TYPE}.",
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/envelope"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": kind},
                        "datacontenttype": {"const": "application/fhir+json" if fhir else "application/json"},
                    },
                },
            ]
        },
    }


def _operations(services: Sequence[Service], channels: dict[str, Any], names: Topology) -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for service in services:
        sent = [f"fhir.{owned.name}" for owned in service.types] + list(service.emits)
        heard = [kind.removesuffix(".*") for kind in widened(k for each in service.listeners for k in each.kinds)]
        if unknown := sorted(set(heard) - set(channels)):
            raise ValueError(f"{service.name} listens to what nobody sends: {', '.join(unknown)}")
        for action, addresses in (("send", sent), ("receive", heard)):
            for address in sorted(addresses):
                operation: dict[str, Any] = {"action": action, "channel": {"$ref": f"#/channels/{address}"}}
                if action == "receive":
                    operation["description"] = f"Through the quorum queue {names.queue(service.name)}."
                operations[f"{service.name}.{action}.{address}"] = operation
    return operations


def _envelope() -> dict[str, Any]:
    properties = {name: {"type": kind, "description": text} for name, (kind, text) in _ATTRIBUTES.items()}
    properties["time"]["format"] = "date-time"
    return {"type": "object", "required": list(_REQUIRED), "properties": properties}
