from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import MetaData

from tandem.events.asyncapi import document
from tandem.service import Listener, ResourceType, Service


async def nothing(event, work) -> None:
    return None


def services(*listened: str) -> list[Service]:
    kinds = listened or ("fhir.Task.update", "tandem.round.held")
    return [
        Service(
            "mdt-service", (ResourceType("Task"),), MetaData(), "", emits={"tandem.round.held": "A round was held."}
        ),
        Service("metrics-service", (), MetaData(), "", listeners=(Listener("counts", kinds, nothing),)),
    ]


def test_every_kind_has_a_channel_and_every_service_its_operations():
    made = document(services(), version="1.0")
    assert made["asyncapi"] == "3.0.0"
    assert {name: channel["address"] for name, channel in made["channels"].items()} == {
        "fhir.Task": "Task.*",
        "tandem.round.held": "tandem.round.held",
    }
    assert sorted(made["operations"]) == [
        "mdt-service.send.fhir.Task",
        "mdt-service.send.tandem.round.held",
        "metrics-service.receive.fhir.Task",
        "metrics-service.receive.tandem.round.held",
    ]


def test_every_reference_leads_somewhere():
    made = document(services(), version="1.0")

    def references(node):
        if isinstance(node, dict):
            if "$ref" in node:
                yield node["$ref"]
            for child in node.values():
                yield from references(child)
        elif isinstance(node, list):
            for child in node:
                yield from references(child)

    found = list(references(made))
    assert found
    for reference in found:
        target = made
        for step in reference.removeprefix("#/").split("/"):
            target = target[step]


def test_the_envelope_described_is_the_envelope_sent(kit):
    import json

    made = document(services(), version="1.0")
    described = made["components"]["schemas"]["envelope"]
    wire = json.loads(kit.received(kit.change("1", 2), 7).envelope)
    assert set(wire) == set(described["properties"])
    types = {"string": str, "boolean": bool, "object": dict}
    for name, value in wire.items():
        assert isinstance(value, types[described["properties"][name]["type"]])
    deleted = json.loads(kit.received(kit.change("1", 3, deleted=True), 8).envelope)
    assert set(described["required"]) <= set(deleted)


def test_what_any_service_may_ask_for_is_a_channel_that_nobody_need_send_to_yet():
    listening = services("tandem.round.wanted")
    asking = [
        replace(each, listeners=tuple(replace(one, asks="A round is wanted.") for one in each.listeners))
        for each in listening
    ]
    made = document(asking, version="1.0")
    assert made["components"]["messages"]["tandem.round.wanted"]["summary"] == "A round is wanted."
    assert not [name for name in made["operations"] if name.endswith("send.tandem.round.wanted")]
    assert [name for name in made["operations"] if name.endswith("receive.tandem.round.wanted")]


@pytest.mark.parametrize("kind", ["tandem.round.cancelled", "fhir.Slot.*"])
def test_nobody_may_listen_to_what_nobody_sends(kind):
    with pytest.raises(ValueError, match="nobody sends"):
        document(services(kind), version="1.0")
