"""A practice and everyone around it, entered through the API as they would enter themselves.

One person is registered with the practice, lives in a care home and has a care team. Around her are her practice's
network, another practice, a community provider with an agreement and a place on the team, one with an agreement only,
a charity with a place on the team only, and a commissioner. Codes are fresh for each neighbourhood, so that several
may live on one system.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx

from tandem.canonical import AFFILIATION_ROLE, AGREEMENT_SIGNATURE, NHS_NUMBER, ODS_CODE, ORGANISATION_TYPE, SNOMED_CT
from tandem.demo.client import FhirClient, eventually
from tandem.fhir.body import Resource
from tandem.nhs.nhs_number import SYNTHETIC_CAPACITY, synthetic_number
from tandem_tests.running import EmbeddedTandem, ServiceTandem

CHARITY = "https://tandem.example/fhir/Id/charity-number"
LIVES_IN_CARE_HOME = {"system": SNOMED_CT, "code": "248171000000108", "display": "Lives in care home"}
SHARED_PLAN = "2181441000000107"
MARK = "Marlowequill"
"""Stands in every record about the person, so that it can be told where one of them shows."""

_NUMBERS = count(1)
_PEOPLE = count(1)


def free_nhs_number() -> str:
    """A valid number that no other test has; synthetic networks take theirs from the other end."""
    return synthetic_number(SYNTHETIC_CAPACITY - next(_PEOPLE))


def nhs_reference(number: str) -> dict[str, Any]:
    """A Reference that names a person by NHS number alone."""
    return {"type": "Patient", "identifier": {"system": NHS_NUMBER, "value": number}}


def organisation_reference(code: str) -> dict[str, Any]:
    """A Reference by identifier: an ODS code, or `system#value`."""
    system, separator, value = code.partition("#")
    identifier = {"system": system, "value": value} if separator else {"system": ODS_CODE, "value": code}
    return {"type": "Organization", "identifier": identifier}


@dataclass(slots=True)
class Neighbourhood:
    """Codes by role, ids of Organizations by role, and ids of what is kept about the person."""

    system: EmbeddedTandem | ServiceTandem
    codes: dict[str, str] = field(default_factory=dict)
    organizations: dict[str, str] = field(default_factory=dict)
    person: str = ""
    nhs_number: str = ""
    neighbour: str = ""
    """A person of the other practice."""
    team: str = ""
    agreement: str = ""

    def client(self, http: httpx.AsyncClient, role: str) -> FhirClient:
        """A client in the name of an organisation, or of the `operator`."""
        if role == "operator":
            return FhirClient(http, self.system.url, self.system.token("T0001", operator=True))
        return FhirClient(http, self.system.url, self.system.token(self.codes[role]))

    def reference(self, role: str) -> dict[str, Any]:
        """A Reference to an organisation by its code."""
        return organisation_reference(self.codes[role])

    @property
    def subject(self) -> dict[str, str]:
        """A Reference to the person."""
        return {"reference": f"Patient/{self.person}"}

    def observation(self, value: str | None = None, **more: Any) -> Resource:
        """An Observation about the person; `value` is an identifier to find it by."""
        identifier = {"identifier": [{"system": "urn:uuid", "value": value}]} if value else {}
        return {
            "resourceType": "Observation", "status": "final", "code": {"text": f"Gait of {MARK}"},
            "subject": self.subject, **identifier, **more,
        }  # fmt: skip

    def signature(self, role: str, signed: str | None = "2020-06-01") -> dict[str, Any]:
        """The extension by which a party signs, or is named as one that has still to."""
        parts = [{"url": "party", "valueReference": self.reference(role)}]
        return {
            "url": AGREEMENT_SIGNATURE,
            "extension": parts + ([{"url": "signed", "valueDateTime": signed}] if signed else []),
        }

    def sharing(self, holder: str, member: str, *, signed: bool = True, **more: Any) -> Resource:
        """A sharing agreement; `signed` says whether the other party has signed too."""
        return {
            "resourceType": "OrganizationAffiliation", "active": True,
            "extension": [self.signature(holder), self.signature(member, "2020-06-02" if signed else None)],
            "organization": self.reference(holder), "participatingOrganization": self.reference(member),
            "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": "sharing-agreement"}]}], **more,
        }  # fmt: skip


_KINDS = {
    "network": "network", "commissioner": "commissioner", "practice": "practice", "other": "practice",
    "community": "community-provider", "partless": "community-provider", "voluntary": "voluntary",
}  # fmt: skip


async def settle_in(http: httpx.AsyncClient, system: EmbeddedTandem | ServiceTandem, **agreement: Any) -> Neighbourhood:
    """Enter everyone; `agreement` is added to the community provider's sharing agreement (its `period`)."""
    here = Neighbourhood(system)
    number = next(_NUMBERS)
    here.codes = {
        "network": f"U{90_000 + number}", "commissioner": f"QQ{number:03}", "practice": f"Y{90_000 + number}",
        "other": f"Y{80_000 + number}", "community": f"RC{number:03}", "partless": f"RP{number:03}",
        "voluntary": f"{CHARITY}#9{number:05}",
    }  # fmt: skip
    operator = here.client(http, "operator")
    for role, kind in _KINDS.items():
        identifier = here.reference(role)["identifier"]
        made = await operator.create({
            "resourceType": "Organization", "active": True, "name": f"{role} {number}", "identifier": [identifier],
            "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": kind}]}],
        })  # fmt: skip
        here.organizations[role] = made["id"]
    for holder, member in (("network", "practice"), ("commissioner", "network"), ("commissioner", "practice")):
        await operator.create({
            "resourceType": "OrganizationAffiliation", "active": True, "organization": here.reference(holder),
            "participatingOrganization": here.reference(member),
            "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": "member"}]}],
        })  # fmt: skip
    await _register(here, http)
    here.agreement = await _agree(here, http, "community", **agreement)
    await _agree(here, http, "partless")
    await operator.caught_up()
    return here


async def register(client: FhirClient, organization: str, family: str = MARK) -> tuple[str, str]:
    """A practice registers a person with itself: Patient id and NHS number."""
    number = free_nhs_number()
    patient = await client.create({
        "resourceType": "Patient", "identifier": [{"system": NHS_NUMBER, "value": number}],
        "name": [{"family": family, "given": ["Ada"]}], "birthDate": "1934-04-12",
        "generalPractitioner": [{"reference": f"Organization/{organization}"}],
    })  # fmt: skip
    return str(patient["id"]), number


async def admit(client: FhirClient, patient: str, day: str) -> str:
    """The practice records that the person lives in a care home: the Observation's id."""
    made = await client.create({
        "resourceType": "Observation", "status": "final", "code": {"coding": [LIVES_IN_CARE_HOME]},
        "subject": {"reference": f"Patient/{patient}"}, "effectiveDateTime": day,
        "note": [{"text": f"Room of {MARK}"}],
    })  # fmt: skip
    return str(made["id"])


async def plan_of(client: FhirClient, patient: str) -> Resource:
    """The shared plan that was opened for a resident, once it is there."""
    query = f"CarePlan?patient=Patient/{patient}&category={SNOMED_CT}|{SHARED_PLAN}"
    plans = await eventually(lambda: client.search(query), client.caught_up)
    plan: Resource = plans[0]
    return plan


async def agree(client: FhirClient, plan: str) -> Resource:
    """The practice adds a goal that the person expressed and agrees the plan (an id): the CarePlan."""
    held = await client.read(f"CarePlan/{plan}")
    goal = await client.create({
        "resourceType": "Goal", "lifecycleStatus": "active", "description": {"text": f"To dance, says {MARK}"},
        "subject": held["subject"], "expressedBy": held["subject"],
    })  # fmt: skip
    operations: list[dict[str, Any]] = [
        {"op": "add", "path": "/goal", "value": [{"reference": f"Goal/{goal['id']}"}]},
        {"op": "replace", "path": "/status", "value": "active"},
    ]
    return await client.patch(f"CarePlan/{plan}", operations, held["meta"]["versionId"])


async def _register(here: Neighbourhood, http: httpx.AsyncClient) -> None:
    practice = here.client(http, "practice")
    here.person, here.nhs_number = await register(practice, here.organizations["practice"])
    here.neighbour, _ = await register(here.client(http, "other"), here.organizations["other"], "Neighbour")
    team = await practice.create({
        "resourceType": "CareTeam", "status": "active", "subject": here.subject, "name": f"Team of {MARK}",
        "participant": [{"member": here.reference(role)} for role in ("practice", "community", "voluntary")],
    })  # fmt: skip
    here.team = str(team["id"])


async def _agree(here: Neighbourhood, http: httpx.AsyncClient, role: str, **more: Any) -> str:
    """The practice writes the agreement, then the provider signs it."""
    written = await here.client(http, "practice").create(here.sharing("practice", role, signed=False, **more))
    written["extension"] = here.sharing("practice", role)["extension"]
    path = f"OrganizationAffiliation/{written['id']}"
    await here.client(http, role).call("PUT", path, written)
    return str(written["id"])
