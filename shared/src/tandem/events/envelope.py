"""The envelope of an event: CloudEvents 1.0, structured JSON (https://github.com/cloudevents/spec/tree/v1.0.2).

The stored bytes of a body are joined in as `data` and never parsed on the way out, so what a consumer reads is what
the client sent. `source` is `/tandem/<service>` on the wire and the bare service name in an Event.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from tandem.clock import from_micros
from tandem.database.connection import Row
from tandem.events.event import Event
from tandem.fhir import body

CONTENT_TYPE = "application/cloudevents+json"
BATCH_CONTENT_TYPE = "application/cloudevents-batch+json"
_SOURCE = "/tandem/"
_HISTORY = "/_history/"


class UnreadableEnvelope(ValueError):
    """Bytes that are no envelope of ours. The message never quotes them."""


class Received(NamedTuple):
    """An event together with the envelope it came in, which is what is kept when it has to wait."""

    event: Event
    envelope: bytes


class _Attributes(msgspec.Struct, omit_defaults=True):
    # Attribute names of CloudEvents: lower-case letters and digits only.
    specversion: str
    id: str
    source: str
    type: str
    time: str
    accessgranted: bool
    subject: str | None = None
    datacontenttype: str | None = None
    sequence: str | None = None
    correlationid: str | None = None
    patientid: str | None = None
    organisation: str | None = None
    practice: str | None = None


class _Wire(_Attributes):
    data: msgspec.Raw = msgspec.Raw(b"")


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(_Wire)
_splitter = msgspec.json.Decoder(list[msgspec.Raw])


def encode(row: Row, service: str) -> bytes:
    """The envelope of a row of the log (its columns and `position`) of this service."""
    kind: str = row["kind"]
    subject: str | None = row["resource_id"]
    if kind.startswith("fhir."):
        subject = f"{row['type']}/{subject}{_HISTORY}{row['version']}"
    position = row["position"]
    attributes = _Attributes(
        specversion="1.0", id=row["event_id"], source=_SOURCE + service, type=kind, subject=subject,
        time=_time(from_micros(row["at"])), accessgranted=bool(row["granted"]),
        sequence=None if position is None else str(position), correlationid=row["correlation"],
        patientid=row["patient"], organisation=row["author"], practice=row["practice"],
    )  # fmt: skip
    return _joined(attributes, row["body"])


def encode_event(event: Event) -> bytes:
    """The envelope of an event that is in no log, such as a timed one."""
    attributes = _Attributes(
        specversion="1.0", id=event.id, source=_SOURCE + event.source, type=event.kind, subject=event.subject,
        time=_time(event.time), accessgranted=event.granted,
        sequence=None if event.position is None else str(event.position), correlationid=event.correlation,
        patientid=event.patient, organisation=event.author, practice=event.practice,
    )  # fmt: skip
    return _joined(attributes, None if event.data is None else body.encode(event.data))


def encode_batch(envelopes: Sequence[bytes]) -> bytes:
    """A CloudEvents batch: a JSON array of envelopes."""
    return b"[" + b",".join(envelopes) + b"]"


def decode(envelope: bytes) -> Event:
    """The event in an envelope. Raises UnreadableEnvelope."""
    try:
        wire = _decoder.decode(envelope)
        data = body.decode(bytes(wire.data)) if wire.data else None
        return _event(wire, data)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise UnreadableEnvelope("this is not an envelope of Tandem") from None


def split(batch: bytes) -> list[bytes]:
    """The envelopes of a batch, as they stand in it. Raises UnreadableEnvelope."""
    try:
        return [bytes(item) for item in _splitter.decode(batch)]
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise UnreadableEnvelope("this is not a batch of CloudEvents") from None


def received(message: bytes) -> list[Received]:
    """The events of a message: a batch, or a single envelope. Raises UnreadableEnvelope."""
    envelopes = split(message) if message[:1] == b"[" else [message]
    return [Received(decode(envelope), envelope) for envelope in envelopes]


def _joined(attributes: _Attributes, data: bytes | None) -> bytes:
    if data is None:
        return _encoder.encode(attributes)
    fhir = attributes.type.startswith("fhir.")
    attributes.datacontenttype = "application/fhir+json" if fhir else "application/json"
    return b'%b,"data":%b}' % (_encoder.encode(attributes)[:-1], data)


def _time(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _event(wire: _Wire, data: Any) -> Event:
    if wire.specversion != "1.0" or not wire.source.startswith(_SOURCE):
        raise ValueError("not ours")
    resource_type, resource_id, version = None, None, None
    if wire.type.startswith("fhir."):
        reference, _, number = (wire.subject or "").partition(_HISTORY)
        resource_type, _, resource_id = reference.partition("/")
        version = int(number)
    return Event(
        id=wire.id, kind=wire.type, source=wire.source.removeprefix(_SOURCE), time=datetime.fromisoformat(wire.time),
        subject=wire.subject, type=resource_type, resource_id=resource_id, version=version, patient=wire.patientid,
        author=wire.organisation, granted=wire.accessgranted, correlation=wire.correlationid,
        position=None if wire.sequence is None else int(wire.sequence), practice=wire.practice, data=data,
    )  # fmt: skip
