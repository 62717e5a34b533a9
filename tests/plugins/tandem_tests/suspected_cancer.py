"""Suspected cancer referrals as practices, networks and commissioners make and arrange them, through the API alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from tandem.canonical import PATIENT_INFORMATION, REFERRAL_KIND, SUSPECTED_CANCER, SUSPECTED_CANCER_SYMPTOM
from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.network_area import Area, new_area, parameters, part, values
from tandem_tests.running import EmbeddedTandem

TOLD = {
    "why-referred": "Blood when you cough should be looked at by a specialist soon",
    "importance-of-attending": "Please come, even if you feel better: it is how cancer is found or ruled out",
    "further-support": "The practice's care coordinator, and the helpline on the leaflet",
}


def symptoms(*codes: str) -> list[dict[str, Any]]:
    """`reasonCode` of these symptoms."""
    return [{"coding": [{"system": SUSPECTED_CANCER_SYMPTOM, "code": each}]} for each in codes]


def extension(url: str, *parts: tuple[str, str, Any]) -> dict[str, Any]:
    """A complex extension of (name, type of value, value)."""
    return {"url": url, "extension": [{"url": name, f"value{kind}": value} for name, kind, value in parts]}


def information(given: str, by: dict[str, Any], **changed: str | None) -> dict[str, Any]:
    """The extension patient-information, whole unless a part is None."""
    texts = {**TOLD, **{name.replace("_", "-"): text for name, text in changed.items()}}
    told = [(name, "String", text) for name, text in texts.items() if text is not None]
    return extension(
        PATIENT_INFORMATION, ("given", "DateTime", given), ("format", "Code", "leaflet"), *told, ("by", "Reference", by)
    )


def extension_values(resource: Resource, url: str) -> dict[str, list[Any]]:
    """The values of a complex extension by name of the part; empty when it has none."""
    found: dict[str, list[Any]] = {}
    for each in resource.get("extension", []):
        for inner in each.get("extension", []) if each["url"] == url else []:
            found.setdefault(inner["url"], []).append(next(value for key, value in inner.items() if key != "url"))
    return found


@dataclass(slots=True)
class CancerReferrals:
    """Practice `northern` of network `north`, hospital `trust` and rapid diagnostic centre `centre`."""

    area: Area
    people: list[str] = field(default_factory=list)

    @property
    def practice(self) -> FhirClient:
        """The practice as a client."""
        return self.area.client("northern")

    async def register(self, birth: str = "1960-05-05", **more: Any) -> str:
        """Somebody at the practice: Patient.id."""
        return await self.area.register("northern", birthDate=birth, **more)

    async def refer(self, patient: str, *found: str, performer: str | None = "trust", **said: Any) -> Resource:
        """`$refer-suspected-cancer` with these symptoms: its answer. Names are written with underscores."""
        named = [] if performer is None else [part("performer", valueReference=self.area.reference(performer))]
        return await self.practice.call("POST", "ServiceRequest/$refer-suspected-cancer", parameters(
            part("patient", valueString=f"Patient/{patient}"), *named,
            *(part("symptom", valueCode=each) for each in found), *_parts(said),
        ))  # fmt: skip

    async def referred(self, patient: str, *found: str, **said: Any) -> Resource:
        """The ServiceRequest that comes of it."""
        answer = await self.refer(patient, *found, **said)
        return await self.practice.read(values(answer, "referral")[0]["reference"])

    def request(self, patient: str, *found: str, **more: Any) -> Resource:
        """A plain ServiceRequest."""
        reasons = {"reasonCode": symptoms(*found)} if found else {}
        return {
            "resourceType": "ServiceRequest", "status": "active", "intent": "order",
            "category": [{"coding": [{"system": REFERRAL_KIND, "code": "urgent-suspected-cancer"}]}],
            "subject": {"reference": f"Patient/{patient}"}, "requester": self.area.reference("northern"),
            "performer": [self.area.reference("trust")], **reasons, **more,
        }  # fmt: skip

    async def inform(self, request: str, **told: str) -> Resource:
        """`$inform-patient` with these parts."""
        return await self.practice.call("POST", f"ServiceRequest/{request}/$inform-patient", parameters(*_parts(told)))

    async def shown(self, request: str) -> Resource:
        """`$suspected-cancer` of a referral."""
        return await self.practice.call("GET", f"ServiceRequest/{request}/$suspected-cancer")

    async def publish_protocol(self, *steps: str, **more: Any) -> Resource:
        """The network publishes its protocol."""
        return await self.area.client("north").call(
            "POST", "ServiceRequest/$suspected-cancer-protocol", parameters(
                part("source", valueString="Agreed by all practices"),
                *(part("step", valueString=each) for each in steps), *_parts(more),
            ),
        )  # fmt: skip

    async def open_centre(self, day: str, area: str = "north") -> Resource:
        """The network, or the commissioner, opens the rapid diagnostic centre's pathway from a day on."""
        return await self.area.client(area).call("POST", "ServiceRequest/$pathways", parameters(
            part("pathway", valueCode="rapid-diagnostic-centre"), part("from", valueDate=day),
            part("performer", valueReference=self.area.reference("centre")),
        ))  # fmt: skip

    async def how_many(self, patient: str) -> int:
        """So many ServiceRequests stand about somebody."""
        return len(await self.practice.search(f"ServiceRequest?patient=Patient/{patient}"))


def _parts(said: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {bool: "valueBoolean", dict: "valueReference"}
    listed = [
        (name.replace("_", "-"), each)
        for name, value in said.items() for each in (value if isinstance(value, list) else [value])
    ]  # fmt: skip
    return [part(name, **{kinds.get(type(each), "valueString"): each}) for name, each in listed]


def told(refusal: pytest.ExceptionInfo[Refused]) -> list[str]:
    """What every issue of a 422 says."""
    assert refusal.value.status == 422, refusal.value
    return [each["details"]["text"] for each in refusal.value.outcome["issue"]]


def judged_by(request: Resource) -> dict[str, list[Any]]:
    """The extension suspected-cancer of a referral."""
    return extension_values(request, SUSPECTED_CANCER)


async def new_referrals(http: httpx.AsyncClient, system: EmbeddedTandem) -> CancerReferrals:
    """An area with a hospital and a rapid diagnostic centre."""
    area = await new_area(http, system)
    await area.enter("trust", "acute-trust", f"RT{area.number:03}")
    await area.enter("centre", "acute-trust", f"RD{area.number:03}")
    await area.client("operator").caught_up()
    return CancerReferrals(area)
