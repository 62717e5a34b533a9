"""`$caught-up`: whether every service has taken all that the others have committed, and followed all of its own.

What the consumers have taken is read before the owners' logs are: what they wrote while taking it is then in the logs.
So it says that the whole has come to rest, which it never does while somebody writes without a pause. Each answer has
a token; `?as-of=` that token asks about what was committed until then, whatever has been written since.
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
from tandem.gateway.as_of import AsOf, as_of
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
    """`{"caughtUp": bool, "unpublished": [owner], "behind": {consumer: {owner: events}}, "waiting": …, "dead": …,
    "asOf": token}`.

    Parked events that are still to be tried count as not caught up; dead ones are told, and do not. Raises
    FhirError(UNAVAILABLE) when a service does not answer, since then nobody can tell.
    """
    asked = dict(request.parameters()).get("as-of")
    earlier = None if asked is None else as_of(asked)
    taken = await _ask(backends, request, "$events-taken", _Taken)
    heads = await _ask(backends, request, "$event-heads", Head)
    if earlier is not None:
        return _answer(_since(earlier, taken, heads))
    unpublished = sorted(owner for owner, head in heads.items() if head.unsequenced_from is not None)
    lacking: dict[str, dict[str, int]] = {}
    waiting: dict[str, int] = {}
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
        if aside := _aside(state):
            waiting[consumer] = aside
    now = AsOf({owner: head.mark for owner, head in heads.items()})
    answer: dict[str, Any] = {
        "caughtUp": not (unpublished or lacking or waiting), "unpublished": unpublished, "behind": lacking,
        "waiting": waiting, "dead": _dead(taken), "asOf": now.token(),
    }  # fmt: skip
    return _answer(answer)


def _since(earlier: AsOf, taken: dict[str, _Taken], heads: dict[str, Head]) -> dict[str, Any]:
    """The same, of what was committed when the token was first given; the token of the answer knows more of it."""
    earlier.set_goals(heads, {consumer: _listened(consumer, state, heads) for consumer, state in taken.items()})
    lacking: dict[str, dict[str, int]] = {}
    waiting: dict[str, int] = {}
    for consumer, state in taken.items():
        if consumer in earlier.done:
            continue
        # Followers of one log that are not level do not hide each other: the one furthest behind counts.
        own = min((each.position for each in state.followers), default=0)
        aside = _aside(state)
        if lags := earlier.lacking(consumer, state.positions | {consumer: own}):
            lacking[consumer] = lags
        elif aside:
            waiting[consumer] = aside
        elif not earlier.unsequenced():
            earlier.done.append(consumer)
    unpublished = earlier.unsequenced()
    return {
        "caughtUp": not (unpublished or lacking or waiting), "unpublished": unpublished, "behind": lacking,
        "waiting": waiting, "dead": _dead(taken), "asOf": earlier.token(),
    }  # fmt: skip


def _listened(consumer: str, state: _Taken, heads: dict[str, Head]) -> dict[str, list[str]]:
    own = [kind for each in state.followers for kind in each.kinds]
    return {owner: own if owner == consumer else state.kinds for owner in heads}


def _aside(state: _Taken) -> int:
    parked = sum(count for name, count in state.parked.items() if name != "dead")
    return parked + sum(each.backlog for each in state.followers)


def _dead(taken: dict[str, _Taken]) -> dict[str, int]:
    return {consumer: state.parked["dead"] for consumer, state in taken.items() if state.parked.get("dead")}


def _answer(answer: dict[str, Any]) -> FhirResponse:
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
