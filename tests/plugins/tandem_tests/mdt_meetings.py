"""A multidisciplinary team around a practice: its staff, its CareTeam, its meetings and what they record."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import httpx

from tandem.canonical import (
    CARE_TEAM_CATEGORY,
    CARE_TEAM_ROLE,
    MDT_ARRANGEMENT,
    ORGANISATION_TYPE,
    STAFF_KIND,
)
from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import organisation_reference, settle_in
from tandem_tests.network_area import parameters, part, values
from tandem_tests.practice_lists import PracticeLists
from tandem_tests.running import EmbeddedTandem

MEETS_AT = "2020-07-01T08:00+01:00"
"""An hour before the clock of the embedded system."""


def reference(literal: str) -> dict[str, Any]:
    """A literal Reference."""
    return {"reference": literal}


def shown(answer: Resource | list[dict[str, Any]], name: str) -> list[dict[str, list[Any]]]:
    """The parts of all parameters of this name, each as name -> values."""
    found = []
    for listed in values(answer, name):
        one: dict[str, list[Any]] = {}
        for each in listed:
            one.setdefault(each["name"], []).append(next(value for key, value in each.items() if key != "name"))
        found.append(one)
    return found


@dataclass(slots=True)
class Meetings:
    """A practice of a neighbourhood with the staff of everybody around it: `staff` is name -> PractitionerRole/id."""

    practice: PracticeLists
    http: httpx.AsyncClient
    staff: dict[str, str] = field(default_factory=dict)
    agreement: str = ""

    def client(self, role: str) -> FhirClient:
        """A client in the name of an organisation."""
        return self.practice.here.client(self.http, role)

    async def enter(self, role: str, kind: str, code: str) -> None:
        """An operator enters one more organisation."""
        here = self.practice.here
        here.codes[role] = code
        made = await self.client("operator").create({
            "resourceType": "Organization", "active": True, "name": role,
            "identifier": [organisation_reference(code)["identifier"]],
            "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": kind}]}],
        })  # fmt: skip
        here.organizations[role] = made["id"]

    async def employ(self, name: str, role: str, kind: str) -> str:
        """A member of staff of an organisation: PractitionerRole/id."""
        client, here = self.client(role), self.practice.here
        person = await client.create({"resourceType": "Practitioner", "name": [{"family": name.title()}]})
        made = await client.create({
            "resourceType": "PractitionerRole", "active": True,
            "practitioner": reference(f"Practitioner/{person['id']}"),
            "organization": reference(f"Organization/{here.organizations[role]}"),
            "code": [{"coding": [{"system": STAFF_KIND, "code": kind}]}],
        })  # fmt: skip
        self.staff[name] = f"PractitionerRole/{made['id']}"
        return self.staff[name]

    def team(self, *names: str, category: str = "mdt", **arrangement: Any) -> Resource:
        """The CareTeam of these members; `arrangement` are `weeks`, `quorum`, `list`, `home` and `key_contact`."""
        told: list[dict[str, Any]] = []
        if "weeks" in arrangement:
            repeat = {"frequency": 1, "period": arrangement["weeks"], "periodUnit": "wk"}
            told.append({"url": "cadence", "valueTiming": {"repeat": repeat}})
        if "quorum" in arrangement:
            told.append({"url": "quorum", "valuePositiveInt": arrangement["quorum"]})
        if "list" in arrangement:
            told.append({"url": "list", "valueCode": arrangement["list"]})
        if "home" in arrangement:
            told.append({"url": "care-home", "valueReference": arrangement["home"]})
        contact = arrangement.get("key_contact")
        made: Resource = {
            "resourceType": "CareTeam", "status": "active", "name": "The team",
            "category": [{"coding": [{"system": CARE_TEAM_CATEGORY, "code": category}]}],
            "participant": [self._participant(name, contact) for name in names],
        }  # fmt: skip
        return made | ({"extension": [{"url": MDT_ARRANGEMENT, "extension": told}]} if told else {})

    def _participant(self, name: str, contact: str | None) -> dict[str, Any]:
        code = "key-contact" if name == contact else name
        return {"member": reference(self.staff[name]), "role": [{"coding": [{"system": CARE_TEAM_ROLE, "code": code}]}]}

    async def draft_agreement(self, holder: str, party: str) -> None:
        """A practice or network drafts a local agreement that a provider manages teams."""
        drafted = await self.client(holder).call(
            "POST", "OrganizationAffiliation/$draft-agreement",
            parameters(
                part("template", valueString="mdt"), part("party", valueReference=self.practice.here.reference(party))
            ),
        )  # fmt: skip
        self.agreement = drafted["entry"][0]["resource"]["id"]

    async def sign(self, role: str) -> None:
        """A party signs it, through a user of its own."""
        here = self.practice.here
        user = FhirClient(self.http, here.system.url, here.system.token(here.codes[role], user="Practitioner/signs"))
        await user.call("POST", f"OrganizationAffiliation/{self.agreement}/$sign")

    async def establish(self, *names: str, by: str = "network", **more: Any) -> str:
        """The network (or `by`) sets up a team: CareTeam/id, once every service has heard of it."""
        await self.client("operator").caught_up()
        made = await self.client(by).create(self.team(*names, **more))
        await self.client("operator").caught_up()
        return f"CareTeam/{made['id']}"

    async def plan(self, team: str, start: str = MEETS_AT, by: str = "network", **asked: str) -> tuple[str, list[str]]:
        """Meetings of a team: Schedule/id and the Appointments."""
        sent = [part("team", valueReference=reference(team)), part("start", valueDateTime=start)]
        sent += [part(name, valueString=value) for name, value in asked.items()]
        answer = await self.client(by).call("POST", "Schedule/$plan-meetings", parameters(*sent))
        [schedule] = values(answer, "schedule")
        return schedule["reference"], [one["appointment"][0]["reference"] for one in shown(answer, "meeting")]

    async def fill(self, meeting: str, *patients: str, by: str = "practice", **asked: Any) -> Resource:
        """Fill an agenda, with people by name: what `$agenda` answers."""
        sent = [part("patient", valueReference=reference(f"Patient/{each}")) for each in patients]
        sent += [part(name, valueInteger=value) for name, value in asked.items()]
        return await self.client(by).call("POST", f"{meeting}/$agenda", parameters(*sent))

    async def record(self, meeting: str, *sent: dict[str, Any], by: str = "network") -> Resource:
        """Record a meeting: what `$record` answers."""
        return await self.client(by).call("POST", f"{meeting}/$record", parameters(*sent))

    def attended(self, *names: str) -> list[dict[str, Any]]:
        """That these were there."""
        return [part("attended", valueReference=reference(self.staff[name])) for name in names]

    async def identify(self, cohort: str, *people: str) -> None:
        """Wait until these people are on a list, and every service knows."""
        listed = set(await self.practice.listed(cohort))
        assert listed >= set(people)
        await self.client("operator").caught_up()


def said(task: str, **words: Any) -> dict[str, Any]:
    """What was said of an item; `by` is a reference of staff."""
    by = [part("by", valueReference=reference(words.pop("by")))] if "by" in words else []
    inner = [part(name.replace("_", "-"), valueString=text) for name, text in words.items()]
    return part("item", part("task", valueReference=reference(task)), *inner, *by)


def action(what: str, owner: dict[str, Any] | None, due: str | None, item: str | None = None) -> dict[str, Any]:
    """An action that was agreed."""
    inner = [part("what", valueString=what)]
    inner += [part("owner", valueReference=owner)] if owner is not None else []
    inner += [part("due", valueDate=due)] if due is not None else []
    inner += [part("item", valueReference=reference(item))] if item is not None else []
    return part("action", *inner)


CLOSE = part("close", valueBoolean=True)


async def meetings(http: httpx.AsyncClient, system: EmbeddedTandem) -> Meetings:
    """A neighbourhood with staff: gp, pharmacist (practice), nurse (community), friend (voluntary), worker (social)."""
    here = await settle_in(http, system)
    made = Meetings(PracticeLists(here, here.client(http, "practice")), http)
    await made.enter("social", "social-care", f"SC{here.codes['practice'][1:]}")
    for name, role, kind in (
        ("gp", "practice", "gp"), ("pharmacist", "practice", "clinical-pharmacist"),
        ("nurse", "community", "community-nurse"), ("friend", "voluntary", "voluntary-sector-worker"),
        ("worker", "social", "social-worker"),
    ):  # fmt: skip
        await made.employ(name, role, kind)
    await made.client("operator").caught_up()
    return made
