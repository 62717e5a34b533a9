"""A care home with its weekly rounds and the staff who come to them, entered through the API."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import httpx

from tandem.canonical import AFFILIATION_ROLE, AGREEMENT_SIGNATURE, DELIVERY_CHANNEL, SNOMED_CT, STAFF_KIND, TASK_KIND
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.network_area import Area, new_area, parameters, part, values
from tandem_tests.running import EmbeddedTandem, ServiceTandem

BASE = "https://tandem.example/fhir"
KIND = {"system": f"{BASE}/CodeSystem/appointment-kind", "code": "home-round"}
NEWS2 = {"system": SNOMED_CT, "code": "1104051000000101", "display": "NEWS2 total score"}


@dataclass(slots=True)
class RoundHome:
    """The home `elms`, its network `north` with practice `northern`, and a `provider`; roles of staff by name."""

    area: Area
    staff: dict[str, str] = field(default_factory=dict)
    series: str = ""

    @property
    def network(self) -> FhirClient:
        """Whoever keeps the series."""
        return self.area.client("north")

    async def hire(self, name: str, kind: str, organisation: str = "north") -> str:
        """Somebody takes up a role in an organisation: the reference of the PractitionerRole."""
        client = self.area.client(organisation)
        person = await client.create({"resourceType": "Practitioner", "active": True, "name": [{"family": name}]})
        role = await client.create({
            "resourceType": "PractitionerRole", "active": True, "period": {"start": "2019-01-01"},
            "practitioner": {"reference": f"Practitioner/{person['id']}"},
            "organization": self.area.reference(organisation),
            "code": [{"coding": [{"system": STAFF_KIND, "code": kind}]}],
        })  # fmt: skip
        self.staff[name] = f"PractitionerRole/{role['id']}"
        return self.staff[name]

    async def begin_series(self, first: str, *team: str) -> str:
        """The network enters the series of the home: the Schedule's id."""
        actors = [{"reference": self.staff[each]} for each in team]
        home = {"url": f"{BASE}/StructureDefinition/care-home", "valueReference": self.area.reference("elms")}
        made = await self.network.create({
            "resourceType": "Schedule", "active": True, "serviceType": [{"coding": [KIND]}], "extension": [home],
            "actor": actors or [{"identifier": {"value": "elms"}}], "planningHorizon": {"start": first},
        })  # fmt: skip
        self.series = str(made["id"])
        return self.series

    def a_round(
        self, day: str, leader: str, *others: str, status: str = "fulfilled", mode: str = "In-person",
        absent: tuple[str, ...] = (), at: str = "08:00",
    ) -> Resource:  # fmt: skip
        """A round of the series, led by one of the staff; whoever is absent was asked and did not come."""
        participants = [
            {
                "type": [{"coding": [{"code": "PPRF" if each == leader else "PART"}]}],
                "actor": {"reference": self.staff[each]}, "status": "declined" if each in absent else "accepted",
            }
            for each in (leader, *others, *absent)
        ]  # fmt: skip
        hour = int(at[:2])
        return {
            "resourceType": "Appointment", "status": status, "serviceType": [{"coding": [KIND]}],
            "extension": [
                {"url": f"{BASE}/StructureDefinition/home-round-series",
                 "valueReference": {"reference": f"Schedule/{self.series}"}},
                {"url": DELIVERY_CHANNEL, "valueCode": mode},
            ],
            "start": f"{day}T{at}:00Z", "end": f"{day}T{hour:02}:59:00Z", "participant": participants,
        }  # fmt: skip

    async def hold(self, day: str, leader: str, *others: str, **more: Any) -> str:
        """A round is recorded: the Appointment's id."""
        made = await self.network.create(self.a_round(day, leader, *others, **more))
        return str(made["id"])

    async def compliance(self, **asked: str) -> Resource:
        """What `$round-compliance` answers the network."""
        query = "&".join(f"{name.replace('_', '-')}={value}" for name, value in asked.items())
        return await self.network.read(f"Schedule/{self.series}/$round-compliance?{query}")

    async def breaches(self, as_of: str) -> list[str]:
        """The days on which the time without a GP-led round was exceeded."""
        found = values(await self.compliance(as_of=as_of), "gp-led-breach")
        return [day for each in found for day in values(each, "breached")]

    async def list_of(self, appointment: str, client: str = "north") -> list[dict[str, Any]]:
        """The residents on a round's list, first one first, told by name."""
        answer = await self.area.client(client).read(f"Appointment/{appointment}/$round-list")
        return [told(each) for each in values(answer, "resident")]

    async def take(self, appointment: str, step: str, *more: dict[str, Any], client: str = "north") -> Resource:
        """A step of a round by `$round`."""
        sent = parameters(part("step", valueCode=step), *more)
        return await self.area.client(client).call("POST", f"Appointment/{appointment}/$round", sent)

    async def resident(self, day: str = "2020-06-01") -> str:
        """Somebody registered with the practice who lives in the home: Patient.id."""
        patient = await self.area.register("northern")
        await self.area.move_in("northern", patient, "elms", day)
        await self.area.client("operator").caught_up()
        return patient

    async def flag(self, patient: str, reason: str, code: str = "review", client: str = "elms") -> str:
        """The home flags a resident: the Task's id."""
        made = await self.area.client(client).create({
            "resourceType": "Task", "status": "requested", "intent": "proposal",
            "code": {"coding": [{"system": TASK_KIND, "code": "home-flag"}]},
            "for": {"reference": f"Patient/{patient}"}, "owner": self.area.reference("north"),
            "reasonCode": {"coding": [{"system": f"{BASE}/CodeSystem/home-flag-reason", "code": code}], "text": reason},
        })  # fmt: skip
        return str(made["id"])

    async def score(self, patient: str, day: str, value: int) -> None:
        """The practice records a NEWS2 score."""
        await self.area.client("northern").create({
            "resourceType": "Observation", "status": "final", "code": {"coding": [NEWS2]}, "valueInteger": value,
            "subject": {"reference": f"Patient/{patient}"}, "effectiveDateTime": day,
        })  # fmt: skip

    async def share_with_provider(self) -> None:
        """The network and the provider sign a sharing agreement."""
        parties = [
            {"url": AGREEMENT_SIGNATURE, "extension": [
                {"url": "party", "valueReference": self.area.reference(each)},
                {"url": "signed", "valueDateTime": "2020-06-01"},
            ]}
            for each in ("north", "provider")
        ]  # fmt: skip
        await self.area.affiliate("north", "provider", (AFFILIATION_ROLE, "sharing-agreement"), extension=parties)
        await self.area.client("operator").caught_up()


def told(parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The parts of a parameter by name: what came last of each, and lists of parts as dictionaries."""
    found: dict[str, Any] = {}
    for each in parts:
        value = next(value for key, value in each.items() if key != "name")
        found[each["name"]] = told(value) if isinstance(value, list) else value
    return found


def weekly(first: str, rounds: int) -> list[str]:
    """A day and the same day of the weeks after it."""
    return [(date.fromisoformat(first) + timedelta(days=7 * week)).isoformat() for week in range(rounds)]


async def new_home(http: httpx.AsyncClient, system: EmbeddedTandem | ServiceTandem) -> RoundHome:
    """A home aligned to a network, with a GP, a nurse, a geriatrician of the provider, a physiotherapist and others."""
    area = await new_area(http, system)
    await area.enter("provider", "community-provider", f"RH{area.number:03}")
    await area.align("north", "elms")
    home = RoundHome(area)
    for name, kind, organisation in (
        ("gp", "gp", "northern"), ("nurse", "practice-nurse", "northern"), ("worker", "social-worker", "north"),
        ("geriatrician", "community-geriatrician", "provider"), ("community-nurse", "community-nurse", "provider"),
        ("physiotherapist", "physiotherapist", "provider"), ("pharmacist", "clinical-pharmacist", "north"),
    ):  # fmt: skip
        await home.hire(name, kind, organisation)
    await area.client("operator").caught_up()
    return home
