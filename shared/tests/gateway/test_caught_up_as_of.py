"""`$caught-up?as-of=`: what was committed when somebody asked is taken at some time, however much is written since."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.gateway.backends import Backends
from tandem.gateway.caught_up import caught_up
from tandem.identity.caller import service_caller

KIND = "fhir.Task.create"


class Log:
    """A service with a log of one kind, and what it has taken of the other's."""

    def __init__(self) -> None:
        self.mark = self.sequenced = self.taken = self.parked = self.backlog = 0
        self.other = ""

    async def send(self, request: FhirRequest) -> FhirResponse:
        if request.path == "$event-heads":
            waiting = None if self.sequenced == self.mark else self.sequenced + 1
            said: dict[str, Any] = {
                "mark": self.mark, "unsequenced_from": waiting, "position": self.sequenced,
                "relayed": self.sequenced, "kinds": {KIND: self.sequenced},
            }  # fmt: skip
        else:
            follower = {"name": "facts", "kinds": [KIND], "position": self.sequenced, "backlog": self.backlog}
            said = {
                "positions": {self.other: self.taken}, "parked": {"retry": self.parked}, "kinds": ["fhir.Task.*"],
                "followers": [follower],
            }  # fmt: skip
        return FhirResponse(200, json.dumps(said).encode())


def two() -> tuple[Log, Log, Backends]:
    writer, reader = Log(), Log()
    writer.other, reader.other = "reader", "writer"
    return writer, reader, Backends({"writer": writer, "reader": reader})


async def asked(backends: Backends, token: str | None = None) -> dict[str, Any]:
    query = "" if token is None else f"as-of={token}"
    request = FhirRequest("GET", "$caught-up", query, {}, b"", "", "r", "c", service_caller("gateway"))
    found: dict[str, Any] = json.loads((await caught_up(backends, request)).body)
    return found


async def test_it_comes_true_while_somebody_writes_without_a_pause() -> None:
    writer, reader, backends = two()
    writer.mark, writer.sequenced, reader.taken = 10, 8, 5
    state = await asked(backends)
    while not state["caughtUp"]:
        writer.mark, writer.sequenced, reader.taken = writer.mark + 5, writer.mark + 3, writer.sequenced
        assert (await asked(backends))["caughtUp"] is False, "the whole never comes to rest"
        state = await asked(backends, state["asOf"])
    assert reader.taken >= 10


async def test_it_is_false_until_all_of_it_has_positions_and_is_taken() -> None:
    writer, reader, backends = two()
    writer.mark, writer.sequenced = 10, 8
    token = (await asked(backends))["asOf"]
    state = await asked(backends, token)
    assert state["unpublished"] == ["writer"]
    writer.sequenced = 10
    state = await asked(backends, state["asOf"])
    assert state["behind"] == {"reader": {"writer": 10}}
    writer.mark = writer.sequenced = 50
    reader.taken = 9
    state = await asked(backends, state["asOf"])
    assert state["behind"] == {"reader": {"writer": 1}}, "the goal does not move"
    reader.taken = 10
    assert (await asked(backends, state["asOf"]))["caughtUp"] is True


async def test_what_is_set_aside_has_to_be_seen_gone_once() -> None:
    writer, reader, backends = two()
    writer.mark = writer.sequenced = reader.taken = 10
    reader.parked, reader.backlog = 1, 2
    state = await asked(backends, (await asked(backends))["asOf"])
    assert (state["caughtUp"], state["waiting"]) == (False, {"reader": 3})
    reader.parked = reader.backlog = 0
    assert (await asked(backends, state["asOf"]))["caughtUp"] is True


@pytest.mark.parametrize("token", ["x", "e30", "%25", "A" * 9000])
async def test_what_is_no_token_is_refused(token: str) -> None:
    _, _, backends = two()
    with pytest.raises(FhirError) as refused:
        await asked(backends, token)
    assert refused.value.kind is Kind.BAD_REQUEST
