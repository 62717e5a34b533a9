"""Clients that write through faults, and remember what each write was answered: what was acknowledged has to be there.

Everything a writer does comes from a seed; only the order in which answers arrive does not.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from tandem.canonical import ODS_CODE, REFERRAL_KIND
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource, decode

SYSTEM = "https://tandem.example/fhir/Id/fault-test"
DUE = "2020-07-20T12:00:00+01:00"
"""When the Tasks that have a day are due."""
PAUSE = 0.3
_IN_DOUBT = frozenset({429, 502, 503, 504, 507})
"""Refusals after which a write may have happened; `no answer` is another."""
_TOGETHER = 20
"""So many resources are in a batch, unless a test says otherwise."""
_MODERATE_FRAILTY, _SNOMED = "925831000000107", "http://snomed.info/sct"
_NEXT = {"requested": "accepted", "accepted": "in-progress", "in-progress": "completed"}


@dataclass(frozen=True, slots=True)
class Parties:
    """Who writes about whom: organisation codes, and ids of Patients that the writing practice has."""

    practice: str
    performer: str
    patients: Sequence[str]


@dataclass(slots=True)
class Ledger:
    """What was sent and what was answered."""

    sent: dict[str, str] = field(default_factory=dict)
    """Identifier of each resource that was sent -> its type."""
    created: dict[str, str] = field(default_factory=dict)
    """Identifier -> `Type/id`, of creates that were acknowledged."""
    versions: dict[str, int] = field(default_factory=dict)
    """`Type/id` -> the newest version that was acknowledged."""
    acknowledged: int = 0
    attempts: int = 0
    """Requests that came to an end, whichever."""
    refused: int = 0
    """Writes that were refused with a 429 or 5xx that says to come again, or had no answer."""

    def keep(self, resource: Resource) -> None:
        """A version that was acknowledged, as the answer shows it."""
        name = f"{resource['resourceType']}/{resource['id']}"
        self.acknowledged += 1
        self.versions[name] = int(resource["meta"]["versionId"])
        self.created.setdefault(resource["identifier"][0]["value"], name)


class Writers:
    """So many clients of one organisation that write until they are told to end."""

    def __init__(
        self, http: httpx.AsyncClient, url: str, token: str, parties: Parties, seed: int, together: int = _TOGETHER
    ) -> None:
        self.client = FhirClient(http, url, token)
        self._parties = parties
        self._chance = random.Random(seed)
        self._together = together
        self._numbers = count()
        self._open: list[Resource] = []
        self._over = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []
        self._answered = asyncio.Condition()
        self.ledger = Ledger()

    def begin(self, many: int) -> None:
        """Let so many write."""
        self._tasks = [asyncio.create_task(self._write()) for _ in range(many)]

    async def until(self, acknowledged: int) -> None:
        """Wait until so many writes were acknowledged. Raises what a writer raised."""
        await self._when(lambda: self.ledger.acknowledged >= acknowledged)

    async def tried_more(self, many: int) -> None:
        """Wait until so many further requests came to an end, whatever they were answered."""
        target = self.ledger.attempts + many
        await self._when(lambda: self.ledger.attempts >= target)

    async def answered_more(self, many: int) -> None:
        """Wait until so many further writes were acknowledged."""
        await self.until(self.ledger.acknowledged + many)

    async def end(self) -> None:
        """Let all finish what they have under way."""
        self._over.set()
        await asyncio.gather(*self._tasks)
        self._tasks.clear()

    async def _when(self, come: Callable[[], bool]) -> None:
        async def waiting() -> None:
            async with self._answered:
                await self._answered.wait_for(come)

        wait = asyncio.create_task(waiting())
        await asyncio.wait([wait, *self._tasks], return_when=asyncio.FIRST_COMPLETED)
        for each in self._tasks:
            if each.done():
                wait.cancel()
                await each
        await wait

    async def _write(self) -> None:
        kinds: list[tuple[Callable[[], Any], int]] = [
            (self._batch, 6), (self._task, 8), (self._move_task, 6), (self._request, 3), (self._condition, 1),
        ]  # fmt: skip
        acts, weights = zip(*kinds, strict=True)
        while not self._over.is_set():
            [act] = self._chance.choices(acts, weights)
            before = self.ledger.acknowledged
            await act()
            self.ledger.attempts += 1
            if self.ledger.acknowledged == before:
                await asyncio.sleep(PAUSE)  # as any client does, before it comes again
            async with self._answered:
                self._answered.notify_all()

    async def _task(self) -> None:
        held = await self._send("POST", "Task", self._new_task())
        if held is not None:
            self._open.append(held)

    async def _move_task(self) -> None:
        if not self._open:
            return
        # Taken out, so that nobody else moves it; put back only when the outcome is known.
        task = self._open.pop(self._chance.randrange(len(self._open)))
        version = task["meta"]["versionId"]
        task = {**task, "status": _NEXT[task["status"]]}
        held = await self._send("PUT", f"Task/{task['id']}", task, If_Match=f'W/"{version}"')
        if held is not None and held["status"] in _NEXT:
            self._open.append(held)

    async def _request(self) -> None:
        await self._send("POST", "ServiceRequest", self._new_request())

    async def _condition(self) -> None:
        await self._send("POST", "Condition", self._new_condition())

    async def _batch(self) -> None:
        makers: list[Callable[[], Resource]] = [
            self._new_observation, self._new_task, self._new_request, self._new_condition
        ]  # fmt: skip
        resources = [make() for make in self._chance.choices(makers, (88, 5, 5, 2), k=self._together)]
        bundle = {"resourceType": "Bundle", "type": "batch", "entry": [
            {"resource": each, "request": {"method": "POST", "url": each["resourceType"]}} for each in resources
        ]}  # fmt: skip
        answer = await self._asked("POST", "", bundle, Prefer="return=representation")
        if answer is None:
            self.ledger.refused += self._together
            return
        entries = decode(answer.content)["entry"]
        assert len(entries) == len(resources)
        for entry in entries:
            self._judged(int(entry["response"]["status"][:3]), entry.get("resource") or entry["response"])

    def _new_task(self) -> Resource:
        task = self._new("Task", status="requested", intent="order", **self._for("for"),
                         requester=_organisation(self._parties.practice),
                         owner=_organisation(self._parties.performer))  # fmt: skip
        if self._chance.random() < 0.5:
            task["restriction"] = {"period": {"end": DUE}}
        return task

    def _new_request(self) -> Resource:
        return self._new(
            "ServiceRequest", status="active", intent="order", **self._for("subject"), code={"text": "Referral"},
            category=[{"coding": [{"system": REFERRAL_KIND, "code": "community-nursing"}]}],
            requester=_organisation(self._parties.practice), performer=[_organisation(self._parties.performer)],
        )  # fmt: skip

    def _new_condition(self) -> Resource:
        return self._new(
            "Condition", **self._for("subject"), code={"coding": [{"system": _SNOMED, "code": _MODERATE_FRAILTY}]},
            recordedDate="2020-06-01",
            clinicalStatus={"coding": [{"system": "http://terminology.hl7.org/CodeSystem/condition-clinical",
                                        "code": "active"}]},
        )  # fmt: skip

    def _new_observation(self) -> Resource:
        return self._new(
            "Observation", status="final", effectiveDateTime="2020-06-01", **self._for("subject"),
            code={"text": "Written meanwhile"},
        )  # fmt: skip

    async def _send(self, method: str, path: str, resource: Resource, **headers: str) -> Resource | None:
        answer = await self._asked(method, path, resource, **headers)
        if answer is None:
            self.ledger.refused += 1
            return None
        return self._judged(answer.status_code, decode(answer.content))

    async def _asked(self, method: str, path: str, body: Any, **headers: str) -> httpx.Response | None:
        try:
            answer = await self.client.request(method, path, body, **headers)
        except httpx.TransportError:
            return None
        if answer.status_code in _IN_DOUBT:
            # A refusal is a product too: it is an OperationOutcome.
            assert decode(answer.content)["resourceType"] == "OperationOutcome"
            return None
        return answer

    def _judged(self, status: int, resource: Resource) -> Resource | None:
        if status in _IN_DOUBT:
            self.ledger.refused += 1
            return None
        assert status in (200, 201), (status, resource)
        self.ledger.keep(resource)
        return resource

    def _new(self, kind: str, **more: Any) -> Resource:
        name = f"{kind}-{next(self._numbers)}"
        self.ledger.sent[name] = kind
        return {"resourceType": kind, "identifier": [{"system": SYSTEM, "value": name}], **more}

    def _for(self, name: str) -> Resource:
        return {name: {"reference": f"Patient/{self._chance.choice(self._parties.patients)}"}}


def _organisation(code: str) -> Resource:
    return {"identifier": {"system": ODS_CODE, "value": code}}
