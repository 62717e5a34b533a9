"""A commissioner's area with its networks, practices and care homes, and what operations on them answer."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from tandem.canonical import AFFILIATION_ROLE, NHS_NUMBER, ODS_CODE, ORGANISATION_TYPE
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import LIVES_IN_CARE_HOME, free_nhs_number
from tandem_tests.running import EmbeddedTandem, ServiceTandem

_AREAS = count(1)


def part(name: str, *parts: dict[str, Any], **value: Any) -> dict[str, Any]:
    """A parameter with a value (`part("date", valueDate="2020-06-30")`) or with parts."""
    return {"name": name, "part": list(parts)} if parts else {"name": name, **value}


def parameters(*each: dict[str, Any]) -> Resource:
    """Parameters of these."""
    return {"resourceType": "Parameters", "parameter": list(each)}


def values(answer: Resource | list[dict[str, Any]], name: str) -> list[Any]:
    """The values, or the parts, of all parameters of this name."""
    listed = answer if isinstance(answer, list) else answer.get("parameter", [])
    return [next(value for key, value in each.items() if key != "name") for each in listed if each["name"] == name]


@dataclass(slots=True)
class Area:
    """A commissioner with two networks of one practice each; codes and ids of Organizations by name."""

    system: EmbeddedTandem | ServiceTandem
    http: httpx.AsyncClient
    number: int
    codes: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def outward_code(self) -> str:
        """The first half of postcodes that only this area has."""
        return f"{'ABCDEFGH'[self.number // 100]}{self.number % 100:02}"

    def client(self, name: str) -> FhirClient:
        """A client in the name of an organisation, or of the `operator`."""
        if name == "operator":
            return FhirClient(self.http, self.system.url, self.system.token("T0001", operator=True))
        return FhirClient(self.http, self.system.url, self.system.token(self.codes[name]))

    def reference(self, name: str) -> dict[str, str]:
        """A literal Reference to an organisation."""
        return {"reference": f"Organization/{self.ids[name]}"}

    async def enter(self, name: str, kind: str, code: str) -> None:
        """An operator enters an Organization."""
        self.codes[name] = code
        made = await self.client("operator").create({
            "resourceType": "Organization", "active": True, "name": f"{name} {self.number}",
            "identifier": [{"system": ODS_CODE, "value": code}],
            "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": kind}]}],
        })  # fmt: skip
        self.ids[name] = str(made["id"])

    async def affiliate(self, holder: str, member: str, *roles: tuple[str, str], **more: Any) -> Resource:
        """An operator puts two organisations in relation; `roles` are (system, code)."""
        return await self.client("operator").create(self.affiliation(holder, member, *roles, **more))

    def affiliation(self, holder: str, member: str, *roles: tuple[str, str], **more: Any) -> Resource:
        """The OrganizationAffiliation, `member` unless `roles` say otherwise."""
        roles = roles or ((AFFILIATION_ROLE, "member"),)
        return {
            "resourceType": "OrganizationAffiliation", "active": True,
            "organization": self.reference(holder), "participatingOrganization": self.reference(member),
            "code": [{"coding": [{"system": system, "code": code}]} for system, code in roles], **more,
        }  # fmt: skip

    async def ask(self, name: str, organization: str, operation: str, *posted: dict[str, Any]) -> Resource:
        """Call an operation on an Organization, with GET or, when there is something to post, with POST."""
        path = f"Organization/{self.ids[organization]}/${operation}"
        client = self.client(name)
        return await (client.call("POST", path, parameters(*posted)) if posted else client.call("GET", path))

    async def team(self, network: str) -> str:
        """The network enters its multidisciplinary team: `HealthcareService/id`."""
        made = await self.client(network).create({
            "resourceType": "HealthcareService", "active": True, "providedBy": self.reference(network),
            "name": f"Care home team of {network}",
        })  # fmt: skip
        return f"HealthcareService/{made['id']}"

    async def register(self, practice: str, **more: Any) -> str:
        """A practice registers a person with itself: Patient.id."""
        made = await self.client(practice).create({
            "resourceType": "Patient", "identifier": [{"system": NHS_NUMBER, "value": free_nhs_number()}],
            "name": [{"family": "Hartley"}], "birthDate": "1934-04-12",
            "generalPractitioner": [self.reference(practice)], **more,
        })  # fmt: skip
        return str(made["id"])

    async def tell_list(self, practice: str, registered: int, weighted: int) -> None:
        """The commissioner tells how many people are on a practice's list from 1 April 2020, also weighted."""
        await self.ask("commissioner", "commissioner", "list-size", part(
            "list-size", part("practice", valueReference=self.reference(practice)),
            part("date", valueDate="2020-04-01"), part("registered", valueInteger=registered),
            part("weighted", valueInteger=weighted),
        ))  # fmt: skip

    async def move_in(self, practice: str, patient: str, home: str, day: str) -> str:
        """The practice records the stay in a care home: the EpisodeOfCare's id."""
        made = await self.client(practice).create({
            "resourceType": "EpisodeOfCare", "status": "active", "type": [{"coding": [LIVES_IN_CARE_HOME]}],
            "patient": {"reference": f"Patient/{patient}"}, "managingOrganization": self.reference(home),
            "period": {"start": day},
        })  # fmt: skip
        return str(made["id"])

    async def align(self, network: str, home: str, **more: Any) -> Resource:
        """An operator aligns a home to a network."""
        return await self.affiliate(network, home, (AFFILIATION_ROLE, "care-home-alignment"), **more)


async def new_area(http: httpx.AsyncClient, system: EmbeddedTandem | ServiceTandem) -> Area:
    """A commissioner, networks `north` and `south`, practices `northern` and `southern`, homes `elms` and `oaks`."""
    number = next(_AREAS)
    area = Area(system, http, number)
    entered = {
        "commissioner": ("commissioner", f"QN{number:03}"), "north": ("network", f"U{50_000 + number}"),
        "south": ("network", f"U{60_000 + number}"), "northern": ("practice", f"W{50_000 + number}"),
        "southern": ("practice", f"W{60_000 + number}"), "elms": ("care-home", f"VE{number:03}"),
        "oaks": ("care-home", f"VO{number:03}"),
    }  # fmt: skip
    for name, (kind, code) in entered.items():
        await area.enter(name, kind, code)
    pairs = (("commissioner", "north"), ("commissioner", "south"), ("north", "northern"), ("south", "southern"))
    for holder, member in pairs:
        await area.affiliate(holder, member, period={"start": "2019-07-01"})
    await area.client("operator").caught_up()
    return area
