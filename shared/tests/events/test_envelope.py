from __future__ import annotations

import json

import pytest

from tandem.events.envelope import UnreadableEnvelope, decode, encode_batch, encode_event, received, split
from tandem.fhir import body


def test_the_stored_bytes_are_the_data(kit):
    entry = kit.change("1", 1)
    raw = b'{"resourceType":"Task", "value" : 1.50,"_authoredOn":{"extension":[]}}'
    object.__setattr__(entry, "body", raw)
    event, envelope = kit.received(entry, 7)
    assert raw in envelope
    assert body.encode(event.data) == b'{"resourceType":"Task","value":1.50,"_authoredOn":{"extension":[]}}'


def test_attributes_are_those_of_cloudevents(kit):
    wire = json.loads(kit.received(kit.change("1", 2), 7).envelope)
    assert wire == {
        "specversion": "1.0",
        "id": "Task-1-2",
        "source": "/tandem/mdt-service",
        "type": "fhir.Task.update",
        "subject": "Task/1/_history/2",
        "time": "2020-07-01T08:00:00.000002Z",
        "datacontenttype": "application/fhir+json",
        "sequence": "7",
        "correlationid": "c1",
        "practice": "A81002",
        "patientid": "p1",
        "organisation": "A81001",
        "accessgranted": True,
        "data": {"resourceType": "Task", "step": 2},
    }


def test_an_event_says_what_its_attributes_say(kit):
    event = kit.received(kit.change("1", 2), 7).event
    assert (event.type, event.resource_id, event.version, event.position) == ("Task", "1", 2, 7)
    assert (event.source, event.patient, event.author, event.correlation) == ("mdt-service", "p1", "A81001", "c1")
    assert event.time.microsecond == 2


def test_a_delete_has_no_data(kit):
    event, envelope = kit.received(kit.change("1", 3, deleted=True), 8)
    assert event.data is None
    assert b"data" not in envelope.replace(b"update", b"")


def test_a_fact_is_plain_json_under_its_key(kit):
    event, envelope = kit.received(kit.fact("clock-9"), 9)
    assert (event.subject, event.type, event.version, event.data) == ("clock-9", None, None, {"step": 0})
    assert json.loads(envelope)["datacontenttype"] == "application/json"


@pytest.mark.parametrize("make", ["change", "fact", "delete"])
def test_an_event_survives_its_envelope(kit, make):
    entry = {"change": kit.change("1", 2), "fact": kit.fact("k"), "delete": kit.change("1", 4, deleted=True)}[make]
    event = kit.received(entry, 5).event
    assert decode(encode_event(event)) == event


def test_a_batch_holds_its_envelopes_unchanged(kit):
    envelopes = [kit.received(kit.change(str(n), 1), n).envelope for n in range(1, 4)]
    batch = encode_batch(envelopes)
    assert split(batch) == envelopes
    assert [each.envelope for each in received(batch)] == envelopes
    assert [each.envelope for each in received(envelopes[0])] == envelopes[:1]


def foreign(**changed: object) -> bytes:
    """An envelope of a kind that is no resource, with these attributes changed."""
    attributes = {"specversion": "1.0", "id": "1", "source": "/tandem/x", "type": "a.b", "accessgranted": True}
    return json.dumps(attributes | {"time": "2020-07-01T08:00:00Z"} | changed).encode()


def test_the_envelope_that_the_next_test_spoils_is_whole():
    assert decode(foreign()).source == "x"


@pytest.mark.parametrize(
    "message",
    [
        b"", b"{}", b"[{}]", b"\xff", b"nonsense 999 000 1234", b"[1]", b"[" * 100_000,
        foreign(specversion="0.3"),
        foreign(source="/other"),
        foreign(time="yesterday 999"),
        foreign(sequence="one"),
        foreign(type="fhir.Task.create", subject="Task/1"),
        foreign(type="fhir.Task.create"),
    ],
)  # fmt: skip
def test_what_is_no_envelope_is_refused_and_not_quoted(message):
    with pytest.raises(UnreadableEnvelope) as refusal:
        received(message)
    assert "999" not in str(refusal.value)
