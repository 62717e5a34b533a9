"""The ways to home rounds: rows of `isolation_operations`. The practice keeps the series of the person's home."""

from __future__ import annotations

from itertools import count
from typing import Any

from tandem.canonical import APPOINTMENT_KIND, BASE, DELIVERY_CHANNEL, STAFF_KIND, TASK_KIND
from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place
from tandem_tests.neighbourhood import LIVES_IN_CARE_HOME, MARK

_NUMBERS = count(1)
_KIND = {"serviceType": [{"coding": [{"system": APPOINTMENT_KIND, "code": "home-round"}]}]}


async def keep(place: Place, practice: FhirClient) -> None:
    """Have the person live in the home and be flagged; plan a round, in which the community provider has a part."""
    here = place.here
    await practice.create({
        "resourceType": "EpisodeOfCare", "status": "active", "type": [{"coding": [LIVES_IN_CARE_HOME]}],
        "patient": here.subject, "managingOrganization": here.reference("home"), "period": {"start": "2020-06-01"},
    })  # fmt: skip
    role = await practice.create({
        "resourceType": "PractitionerRole", "active": True, "practitioner": {"reference": place.author},
        "organization": here.reference("practice"), "code": [{"coding": [{"system": STAFF_KIND, "code": "gp"}]}],
    })  # fmt: skip
    agreed = [
        {"url": "organization", "valueReference": here.reference("community")},
        {"url": "part", "valueCode": "take-part"}, {"url": "agreed", "valueDate": "2020-06-01"},
    ]  # fmt: skip
    home = {"url": f"{BASE}/StructureDefinition/care-home", "valueReference": here.reference("home")}
    series = await practice.create({
        "resourceType": "Schedule", "active": True, **_KIND, "actor": [{"reference": f"PractitionerRole/{role['id']}"}],
        "extension": [home, {"url": f"{BASE}/StructureDefinition/home-round-part", "extension": agreed}],
        "planningHorizon": {"start": "2020-06-01"},
    })  # fmt: skip
    await practice.create({
        "resourceType": "Task", "status": "requested", "intent": "proposal", "for": here.subject,
        "code": {"coding": [{"system": TASK_KIND, "code": "home-flag"}]},
        "reasonCode": {"text": f"{MARK} eats little"},
    })  # fmt: skip
    await practice.caught_up()
    belongs = {"url": f"{BASE}/StructureDefinition/home-round-series",
               "valueReference": {"reference": f"Schedule/{series['id']}"}}  # fmt: skip
    planned = await practice.create({
        "resourceType": "Appointment", "status": "booked", **_KIND, "start": "2020-07-02T09:00:00+01:00",
        "end": "2020-07-02T10:00:00+01:00",
        "extension": [belongs, {"url": DELIVERY_CHANNEL, "valueCode": "In-person"}],
        "participant": [{
            "type": [{"coding": [{"code": "PPRF"}]}], "actor": {"reference": f"PractitionerRole/{role['id']}"},
            "status": "accepted",
        }],
    })  # fmt: skip
    place.kept.update(series=series["id"], round=planned["id"])


def _row(name: str, kept: str = "", **sent: Any) -> None:
    """A row: `@home` and the like in what is sent are References, `@number` is another one each time."""
    method, _, address = name.partition(" ")

    async def ask(asking: Asking) -> str:
        place = asking.place
        path = address.replace("[id]", place.kept.get(kept, ""))
        if method == "GET":
            return await asking.get(path)
        number = next(_NUMBERS)
        words: dict[str, Any] = {
            "@number": str(number), "@day": f"{2031 + number}-01-01", "@person": place.here.subject,
            "@community": place.here.reference("community"), "@home": place.here.reference("home"),
        }  # fmt: skip
        pairs = {name.replace("_", "-"): words.get(value, value) for name, value in sent.items()}
        return await asking.post(path, *pairs.items())

    OPERATIONS[name] = ask


_row("GET Appointment/[id]/$round-list", "round")
_row("POST Appointment/[id]/$round", "round", step="record", patient="@person")
_row("GET Schedule/[id]/$round-compliance", "series")
_row("POST Schedule/[id]/$agree-part", "series", organization="@community", part="take-part", agreed="2020-06-01")
_row("POST Schedule/$plan-rounds", home="@home", start="2020-07-08T09:00+01:00", leader="PractitionerRole/nobody")
_row("GET Schedule/$round-policy")
_row("POST Schedule/$round-policy", version="@number", source="A rehearsal", **{"from": "@day"})
