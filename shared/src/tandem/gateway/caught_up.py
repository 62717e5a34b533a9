"""`$caught-up`: whether every service has taken all that the others have committed, and followed all of its own.

What the consumers have taken is read before the owners' logs are: what they wrote while taking it is then in the logs.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, TypeVar

import msgspec

from tandem.events.lag import Head, behind
from tandem.fhir.body import decode, encode
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.gateway.backends import Backends, unavailable
from tandem.gateway.service import GATEWAY
from tandem.identity.caller import service_caller

_T = TypeVar("_T")


class _Following(msgspec.Struct):
    name: str
    kinds: list[str]
    position: int
    backlog: int


class _Taken(msgspec.Struct):
    positions: dict[str, int]
    parked: dict[str, int]
    kinds: list[str]
    followers: list[_Following]


async def caught_up(backends: Backends, request: FhirRequest) -> FhirResponse:
    """`{"caughtUp": bool, "unpublished": [owner], "behind": {consumer: {owner: events}}, "waiting": …, "dead": …}`.

    Parked events that are still to be tried count as not caught up; dead ones are told, and do not. Raises
    FhirError(UNAVAILABLE) when a service does not answer, since then nobody can tell.
    """
    taken = await _ask(backends, request, "$events-taken", _Taken)
    heads = await _ask(backends, request, "$event-heads", Head)
    unpublished = sorted(owner for owner, head in heads.items() if head.unsequenced_from is not None)
    lacking: dict[str, dict[str, int]] = {}
    waiting: dict[str, int] = {}
    dead: dict[str, int] = {}
    for consumer, state in taken.items():
        lags = {
            owner: lag for owner, head in heads.items()
            if owner != consumer and (lag := behind(head, state.kinds, state.positions.get(owner, 0))) > 0
        }  # fmt: skip
        # By the kinds that a follower follows alone: what it emits itself is not among them.
        own = [behind(heads[consumer], each.kinds, each.position) for each in state.followers]
        if (lag := max(own, default=0)) > 0:
            lags[consumer] = lag
        if lags:
            lacking[consumer] = lags
        parked = sum(count for name, count in state.parked.items() if name != "dead")
        if parked := parked + sum(each.backlog for each in state.followers):
            waiting[consumer] = parked
        if state.parked.get("dead"):
            dead[consumer] = state.parked["dead"]
    answer: dict[str, Any] = {
        "caughtUp": not (unpublished or lacking or waiting), "unpublished": unpublished, "behind": lacking,
        "waiting": waiting, "dead": dead,
    }  # fmt: skip
    return FhirResponse(200, encode(answer), content_type="application/json")


async def _ask(backends: Backends, request: FhirRequest, path: str, kind: type[_T]) -> dict[str, _T]:
    own = replace(request, method="GET", path=path, query="", headers={}, body=b"", caller=service_caller(GATEWAY))
    answers = await asyncio.gather(*(backends.send(name, replace(own)) for name in backends.names))
    found: dict[str, _T] = {}
    for name, answer in zip(backends.names, answers, strict=True):
        if answer.status != 200:
            raise unavailable(name)
        try:
            found[name] = msgspec.convert(decode(answer.body), kind)
        except msgspec.MsgspecError:
            raise FhirError(Kind.INTERNAL, f"{name} did not say how far it is") from None
    return found
