"""Safety nets as practices keep them, through the API alone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from tandem.canonical import CANCER_CONCERN, REFERRAL_KIND, TASK_KIND
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.mdt_meetings import shown
from tandem_tests.network_area import parameters, part
from tandem_tests.professionals import professional
from tandem_tests.running import EmbeddedTandem
from tandem_tests.suspected_cancer import CancerReferrals, new_referrals

Tandem = Callable[..., Any]


@dataclass(slots=True)
class SafetyNets:
    """Practices `northern` and `eastern` of network `north`; `gp` works at the first."""

    referrals: CancerReferrals
    gp: str = ""

    @property
    def practice(self) -> FhirClient:
        """The practice as a client."""
        return self.referrals.practice

    async def person(self, practice: str = "northern", birth: str = "1960-05-05") -> str:
        """Somebody registered there, once referral-service knows: Patient.id."""
        patient = await self.referrals.area.register(practice, birthDate=birth)
        await self.practice.caught_up()
        return patient

    async def urgent(self, patient: str, practice: str = "northern", **more: Any) -> str:
        """An urgent suspected cancer referral: ServiceRequest.id."""
        body = self.referrals.request(patient, "haemoptysis", **more)
        body["requester"] = self.referrals.area.reference(practice)
        made = await self.referrals.area.client(practice).create(body)
        return str(made["id"])

    def asked(self, patient: str, kind: str, **more: Any) -> Resource:
        """A request of another kind."""
        area = self.referrals.area
        performer = {} if kind == "cancer-concern" else {"performer": [area.reference("trust")]}
        return {
            "resourceType": "ServiceRequest", "status": "active", "intent": "order",
            "category": [{"coding": [{"system": REFERRAL_KIND, "code": kind}]}],
            "subject": {"reference": f"Patient/{patient}"}, "requester": area.reference("northern"), **performer,
            **more,
        }  # fmt: skip

    def concern(self, patient: str, code: str = "risk-symptom", **more: Any) -> Resource:
        """A concern without referral."""
        coding = {"system": CANCER_CONCERN, "code": code}
        return self.asked(patient, "cancer-concern", code={"coding": [coding]}, **more)

    async def appointment(self, request: str, patient: str, status: str = "booked", **more: Any) -> Resource:
        """An Appointment for a request, tomorrow morning by the clock that stands."""
        person = {"actor": {"reference": f"Patient/{patient}"}, "status": "accepted"}
        made = await self.practice.create({
            "resourceType": "Appointment", "status": status, "participant": [person],
            "basedOn": [{"reference": f"ServiceRequest/{request}"}], "start": "2020-07-02T10:00:00+01:00",
            "end": "2020-07-02T10:20:00+01:00", **more,
        })  # fmt: skip
        await self.practice.caught_up()
        return made

    async def becomes(self, resource: Resource, status: str) -> Resource:
        """A resource is given another status."""
        path = f"{resource['resourceType']}/{resource['id']}"
        operation = {"op": "replace", "path": "/status", "value": status}
        made = await self.practice.patch(path, [operation], resource["meta"]["versionId"])
        await self.practice.caught_up()
        return made

    async def report(self, request: str, patient: str, status: str = "final", **more: Any) -> Resource:
        """A DiagnosticReport for a request."""
        made = await self.practice.create({
            "resourceType": "DiagnosticReport", "status": status, "code": {"text": "CT of the chest"},
            "subject": {"reference": f"Patient/{patient}"},
            "basedOn": [{"reference": f"ServiceRequest/{request}"}], **more,
        })  # fmt: skip
        await self.practice.caught_up()
        return made

    async def step(self, request: str, step: str, **said: Any) -> dict[str, list[Any]]:
        """Record a step: the net as it stands then."""
        return await self._said(request, "record-safety-net-step", step=step, **said)

    async def close(self, request: str, **said: Any) -> dict[str, list[Any]]:
        """Close the net: as it stands then."""
        return await self._said(request, "close-safety-net", **said)

    async def symptoms(self, request: str, *triggers: str, **said: Any) -> dict[str, list[Any]]:
        """The person reports symptoms: the net as it stands then."""
        return await self._said(request, "report-symptoms", trigger=list(triggers), **said)

    async def net(self, request: str, as_of: str | None = None) -> dict[str, list[Any]]:
        """The net of a request."""
        query = f"?as-of={quote(as_of)}" if as_of else ""
        return _named(await self.practice.call("GET", f"ServiceRequest/{request}/$safety-net{query}"))

    async def nets(self, query: str, client: FhirClient | None = None) -> dict[str, dict[str, list[Any]]]:
        """A worklist by request."""
        answer = await (client or self.practice).call("GET", f"ServiceRequest/$safety-nets?{query}")
        return {each["request"][0]["reference"].removeprefix("ServiceRequest/"): each for each in shown(answer, "net")}

    async def chases(self, request: str) -> list[Resource]:
        """The Tasks that the net of a request asked for."""
        await self.practice.caught_up()
        found = await self.practice.search(
            f"Task?focus=ServiceRequest/{request}&code={TASK_KIND}|chase&_sort=_lastUpdated&_count=100"
        )
        return [each for each in found if each["description"].startswith("Safety net")]

    async def _said(self, request: str, operation: str, **said: Any) -> dict[str, list[Any]]:
        said = {"by": self.gp, **said}
        sent = [
            part(name.replace("_", "-"), **{"valueString": each} if isinstance(each, str) else {"valueBoolean": each})
            for name, value in said.items() for each in (value if isinstance(value, list) else [value])
        ]  # fmt: skip
        return _named(await self.practice.call("POST", f"ServiceRequest/{request}/${operation}", parameters(*sent)))


def parts_named(listed: list[dict[str, Any]]) -> dict[str, Any]:
    """Parts by their name, the first of each."""
    return {each["name"]: next(value for key, value in each.items() if key != "name") for each in reversed(listed)}


def _named(answer: Resource) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for each in answer["parameter"]:
        value = next(value for key, value in each.items() if key != "name")
        found.setdefault(each["name"], []).append(parts_named(value) if isinstance(value, list) else value)
    return found


def refusals(caught: pytest.ExceptionInfo[Refused]) -> list[str]:
    """What every issue of a refusal says."""
    return [each["details"]["text"] for each in caught.value.outcome["issue"]]


async def new_nets(http: httpx.AsyncClient, system: EmbeddedTandem) -> SafetyNets:
    """An area with a second practice in the network, and a GP."""
    referrals = await new_referrals(http, system)
    area = referrals.area
    await area.enter("eastern", "practice", f"W{70_000 + area.number}")
    await area.affiliate("north", "eastern", period={"start": "2019-07-01"})
    made = SafetyNets(referrals)
    made.gp = await professional(area.client("northern"), area.reference("northern"), "gp")
    return made


async def set_clock(tandem: Tandem, system: EmbeddedTandem, moment: str) -> None:
    """Move the domain clock, as an operator does."""
    moved = await asyncio.to_thread(tandem, "clock", "set", moment, "--data", system.data)
    assert moved.returncode == 0, moved.stderr
