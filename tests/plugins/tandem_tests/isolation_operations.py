"""Every declared operation, as a way to what is kept about a person or an organisation.

A row is called as the operation is: `GET Group/[id]/$members`. What a caller gets is `seen` when the answer holds
anything of the person, else the HTTP status.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from importlib.metadata import entry_points
from itertools import count
from typing import Any

import httpx

from tandem.canonical import AFFILIATION_ROLE, BASE, ORGANISATION_TYPE, SNOMED_CT
from tandem.demo.client import FhirClient
from tandem.gateway.service import OPERATIONS as GATEWAY_OPERATIONS
from tandem.identity.issuer import DEFAULT_SCOPE
from tandem.service import Operation, Service
from tandem.subscriptions.operations import OPERATIONS as SUBSCRIPTION_OPERATIONS
from tandem_tests.listed_people import LIVES_ALONE, MODERATE_FRAILTY
from tandem_tests.neighbourhood import MARK, Neighbourhood, admit, settle_in
from tandem_tests.running import EmbeddedTandem

CALLERS = (
    "practice", "network", "community", "other", "partless", "voluntary", "commissioner", "far-network", "far-board",
    "home", "reader", "wrong-scope", "operator",
)  # fmt: skip
"""`other` is a member of `far-network`, whose commissioner is `far-board`. `reader` is the practice with a scope that
only reads, `wrong-scope` the practice with a scope for another type."""

_OUTSKIRTS = {"far-network": "network", "far-board": "commissioner", "home": "care-home"}
_MEMBERS = (("far-network", "other"), ("far-board", "far-network"))
_SCOPES = {"reader": "system/*.rs", "wrong-scope": "system/Task.cruds"}
_TOOL = [("tool", "Finder"), ("toolVersion", "1")]
_NUMBERS = count(1)


@dataclass(frozen=True, slots=True)
class Place:
    """The neighbourhood with its outskirts, and ids of what is kept there."""

    here: Neighbourhood
    group: str
    encounter: str
    author: str
    run: str
    audit: str
    kept: dict[str, str] = field(default_factory=dict)
    """Ids that further rows keep here (see `isolation_duties`)."""

    def client(self, http: httpx.AsyncClient, caller: str) -> FhirClient:
        """A client for one of the callers, in the name of the same user."""
        system, user = self.here.system, self.author
        if caller == "operator":
            return FhirClient(http, system.url, system.token("T0001", operator=True, user=user))
        code = self.here.codes["practice" if caller in _SCOPES else caller]
        scope = _SCOPES.get(caller, DEFAULT_SCOPE)
        return FhirClient(http, system.url, system.token(code, user=user, scope=scope))


@dataclass(frozen=True, slots=True)
class Asking:
    """One caller at one operation."""

    place: Place
    client: FhirClient

    async def get(self, path: str) -> str:
        """What a GET gets."""
        return self.word(await self.client.request("GET", path))

    async def post(self, path: str, *pairs: tuple[str, Any]) -> str:
        """What a POST of Parameters gets."""
        return self.word(await self.client.request("POST", path, parameters(*pairs)))

    def word(self, answer: httpx.Response) -> str:
        """What an answer comes down to."""
        here = self.place.here
        if answer.status_code >= 400:
            assert answer.json()["resourceType"] == "OperationOutcome"
            for sign in (MARK, here.nhs_number, here.person):
                assert sign not in answer.text.replace(str(answer.request.url), "")
            return str(answer.status_code)
        signs = (MARK, here.person, here.nhs_number)
        return "seen" if any(sign in answer.text for sign in signs) else str(answer.status_code)


Way = Callable[[Asking], Awaitable[str]]
OPERATIONS: dict[str, Way] = {}


def parameters(*pairs: tuple[str, Any]) -> dict[str, Any]:
    """A Parameters of pairs: a list is parts, a dictionary a Reference, a number an integer, all else text."""
    return {"resourceType": "Parameters", "parameter": [_parameter(name, value) for name, value in pairs]}


def _parameter(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {"name": name, "part": [_parameter(*each) for each in value]}
    kind = {dict: "valueReference", bool: "valueBoolean", int: "valueInteger"}.get(type(value), "valueString")
    return {"name": name, kind: value}


def declared() -> Iterator[tuple[str, Operation]]:
    """Every operation of every service, those that all of them have, and the gateway's `$status`, which tells of all.

    By the address that rows give it.
    """
    own = [each for each in GATEWAY_OPERATIONS if each.name == "status"]
    services: list[Service] = [each.load() for each in entry_points(group="tandem.services")]
    for operation in (*(own for service in services for own in service.operations), *SUBSCRIPTION_OPERATIONS, *own):
        middle = "/[id]" if operation.level == "instance" else ""
        where = f"{operation.type}{middle}/" if operation.type is not None else ""
        yield f"{where}${operation.name}", operation


async def outskirts(http: httpx.AsyncClient, system: EmbeddedTandem) -> Place:
    """A neighbourhood, a network and a commissioner that have nothing to do with it, and a person on several lists."""
    here = await settle_in(http, system)
    number = next(_NUMBERS)
    here.codes |= {"far-network": f"U{70_000 + number}", "far-board": f"QF{number:03}", "home": f"VH{number:03}"}
    operator = here.client(http, "operator")
    for role, kind in _OUTSKIRTS.items():
        made = await operator.create({
            "resourceType": "Organization", "active": True, "name": f"{role} {number}",
            "identifier": [here.reference(role)["identifier"]],
            "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": kind}]}],
        })  # fmt: skip
        here.organizations[role] = made["id"]
    for holder, member in _MEMBERS:
        await operator.create({
            "resourceType": "OrganizationAffiliation", "active": True, "organization": here.reference(holder),
            "participatingOrganization": here.reference(member),
            "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": "member"}]}],
        })  # fmt: skip
    return await _listed(http, here)


async def _listed(http: httpx.AsyncClient, here: Neighbourhood) -> Place:
    practice = here.client(http, "practice")
    for code, display in (MODERATE_FRAILTY, LIVES_ALONE):
        coding = {"system": SNOMED_CT, "code": code, "display": display}
        await practice.create({
            "resourceType": "Observation", "status": "final", "code": {"coding": [coding]}, "subject": here.subject,
            "effectiveDateTime": "2020-06-01",
        })  # fmt: skip
    await admit(practice, here.person, "2020-06-26")
    author = await practice.create({"resourceType": "Practitioner", "active": True})
    encounter = await practice.create({
        "resourceType": "Encounter", "status": "finished", "class": {"code": "VR"}, "subject": here.subject,
        "period": {"start": "2020-06-30"}, "serviceProvider": here.reference("practice"),
        "serviceType": {"coding": [{"system": f"{BASE}/CodeSystem/network-service", "code": "EHCH"}]},
    })  # fmt: skip
    await practice.caught_up()
    [group] = await practice.search("Group?code=anticipatory-care")
    size = [("date", "2020-06-30"), ("registered", 900)]
    own = f"Organization/{here.organizations['practice']}"
    await practice.call("POST", f"{own}/$list-size", parameters(("list-size", size)))
    commissioner = here.client(http, "commissioner")
    profile = parameters(("characteristic", [("name", "Over 80"), ("percent", 7)]))
    await commissioner.call("POST", f"{own}/$practice-profile", profile)
    run = await practice.call("POST", "Group/$identify", parameters(("service", "AC")))
    await practice.call("POST", "Group/$register-tool", parameters(*_TOOL))
    rows = [("nhsNumber", here.nhs_number), ("finding", "falls")]
    audit = await practice.call(
        "POST", "Group/$import-audit", parameters(*_TOOL, ("dataDate", "2020-06-30"), ("row", rows))
    )
    return Place(here, group["id"], encounter["id"], f"Practitioner/{author['id']}", _run(run), _run(audit))


def _run(answer: dict[str, Any]) -> str:
    [found] = [each["valueId"] for each in answer["parameter"] if each["name"] == "run"]
    return str(found)


def _operation(name: str) -> Callable[[Way], Way]:
    def keep(way: Way) -> Way:
        OPERATIONS[name] = way
        return way

    return keep


def _get(name: str, query: str = "") -> None:
    async def read(asking: Asking) -> str:
        place, here = asking.place, asking.place.here
        ids = {
            "Group": place.group, "Patient": here.person, "Encounter": place.encounter,
            "Organization": here.organizations["practice"], "OrganizationAffiliation": here.agreement,
        }  # fmt: skip
        path = name.removeprefix("GET ")
        kind = path.partition("/")[0]
        address = path.replace("[id]", ids.get(kind, "")) + query.format(
            person=here.person, practice=here.codes["practice"], network=here.codes["network"], run=place.run,
            audit=place.audit, encounter=place.encounter,
        )  # fmt: skip
        return await asking.get(address)

    OPERATIONS[name] = read


def _of(name: str, role: str, query: str = "") -> None:
    """A GET of what an organisation of the neighbourhood has."""

    async def read(asking: Asking) -> str:
        place = name.removeprefix("GET ").replace("[id]", asking.place.here.organizations[role])
        return await asking.get(f"{place}{query}")

    OPERATIONS[name] = read


def _record(name: str, role: str, *parts: tuple[str, Any], row: str) -> None:
    """A POST of one row to an organisation of the neighbourhood; a value `@role` is a Reference to one of them."""

    async def write(asking: Asking) -> str:
        here = asking.place.here
        sent = [
            (each, here.reference(value[1:]) if isinstance(value, str) and value.startswith("@") else value)
            for each, value in parts
        ]
        place = name.removeprefix("POST ").replace("[id]", here.organizations[role])
        return await asking.post(place, (row, sent))

    OPERATIONS[name] = write


for _name, _query in (
    ("GET Group/[id]/$members", ""), ("GET Group/$members", "?_count=1000"),
    ("GET Patient/[id]/$cohorts", ""),
    ("GET Group/[id]/$explain", "?patient=Patient/{person}"), ("GET Patient/[id]/$frailty", ""),
    ("GET Patient/$frailty", "?practice={practice}&_count=1000"), ("GET Patient/[id]/$responsible", ""),
    ("GET Patient/[id]/$registration-offer", ""),
    ("GET Encounter/[id]/$accountable", ""),
    ("GET PlanDefinition/$counts", "?requirement=PCN-069&contact=Encounter/{encounter}"),
    ("GET Group/$runs", "?practice={practice}"), ("GET Group/$duty", "?practice={practice}"),
    ("GET Group/$stages", "?run={run}"), ("GET Group/$priority-list", "?run={run}"),
    ("GET Group/$matches", "?run={audit}"), ("GET Group/$tools", "?practice={practice}"),
    ("GET Group/$value-sets", "?id=falls"), ("GET Group/$definitions", "?id=anticipatory-care"),
    ("GET Group/$choices", ""), ("GET OrganizationAffiliation/$agreement-templates", ""),
    ("GET OrganizationAffiliation/$agreements", "?network={practice}"),
    ("GET PlanDefinition/$requirement", "?requirement=AC-031"), ("GET PlanDefinition/$catalogue", "?network={network}"),
    ("GET PlanDefinition/$services", "?date=2020-07-01"), ("GET PlanDefinition/$introduction", "?network={network}"),
    ("GET PlanDefinition/$training-due", "?network={network}"),
):  # fmt: skip
    _get(_name, _query)

for _name, _role, _query in (
    ("GET Organization/[id]/$list-size", "practice", ""), ("GET Organization/[id]/$staff-in-post", "network", ""),
    ("GET Organization/[id]/$workforce", "network", "?year=2020/21"),
    ("GET Organization/[id]/$care-homes", "commissioner", ""), ("GET Organization/[id]/$sub-contracts", "network", ""),
    ("GET Organization/[id]/$areas", "commissioner", ""), ("GET Organization/[id]/$population", "network", ""),
    ("GET Organization/[id]/$practice-profile", "practice", ""),
    ("GET Organization/[id]/$cancer-target", "network", ""), ("GET Organization/[id]/$leads", "network", ""),
):  # fmt: skip
    _of(_name, _role, _query)

_record("POST Organization/[id]/$list-size", "practice", ("date", "2020-06-30"), ("registered", 900), row="list-size")
_record(
    "POST Organization/[id]/$staff-in-post", "network", ("role", "clinical-pharmacist"), ("date", "2020-06-30"),
    ("wte", 1), row="post",
)  # fmt: skip
_record(
    "POST Organization/[id]/$care-homes", "commissioner", ("organization", "@home"), ("network", "@network"),
    ("start", "2020-06-01"), row="home",
)  # fmt: skip
_record(
    "POST Organization/[id]/$sub-contracts", "network", ("service", "PC"), ("delivers", "@community"),
    ("start", "2020-06-01"), row="sub-contract",
)  # fmt: skip
_record(
    "POST Organization/[id]/$areas", "commissioner", ("sector", "ZE1 9"), ("network", "@network"),
    ("from", "2020-06-01"), row="sector",
)  # fmt: skip
_record(
    "POST Organization/[id]/$practice-profile", "practice", ("name", "Over 80"), ("percent", 7), row="characteristic"
)
_record(
    "POST Organization/[id]/$cancer-target", "network", ("percent", 75), ("by", "2028"), ("from", "2020-06-01"),
    row="target",
)  # fmt: skip


@_operation("POST Group/[id]/$judge")
async def _judge(asking: Asking) -> str:
    return await asking.post(f"Group/{asking.place.group}/$judge", *_judgement(asking))


@_operation("POST Group/$judge")
async def _judge_in_cohort(asking: Asking) -> str:
    return await asking.post("Group/$judge", ("cohort", "anticipatory-care"), *_judgement(asking))


def _judgement(asking: Asking) -> list[tuple[str, Any]]:
    place = asking.place
    return [
        ("patient", f"Patient/{place.here.person}"), ("decision", "amenable"), ("reason", "Would dance again"),
        ("author", {"reference": place.author}),
    ]  # fmt: skip


@_operation("POST Patient/[id]/$registration-offer")
async def _close_offer(asking: Asking) -> str:
    path = f"Patient/{asking.place.here.person}/$registration-offer"
    return await asking.post(path, ("choice", "stay-with-own-practice"), ("benefits-explained", "2020-07-01"))


@_operation("POST Group/$offer")
async def _offer(asking: Asking) -> str:
    person = f"Patient/{asking.place.here.person}"
    return await asking.post("Group/$offer", ("patient", person), ("kind", "mental-health"), ("text", "A walk"))


@_operation("POST Group/$identify")
async def _identify(asking: Asking) -> str:
    practice = asking.place.here.codes["practice"]
    return await asking.post("Group/$identify", ("practice", practice), ("service", "AC"), ("dryRun", True))


@_operation("POST Group/$register-tool")
async def _register_tool(asking: Asking) -> str:
    practice = asking.place.here.codes["practice"]
    return await asking.post("Group/$register-tool", ("practice", practice), *_TOOL)


@_operation("POST Group/$import-audit")
async def _import_audit(asking: Asking) -> str:
    here = asking.place.here
    row = [("nhsNumber", here.nhs_number), ("finding", "falls")]
    return await asking.post(
        "Group/$import-audit", ("practice", here.codes["practice"]), *_TOOL, ("dataDate", "2020-06-30"), ("row", row)
    )


@_operation("POST Group/$standard-approach")
async def _standard_approach(asking: Asking) -> str:
    commissioner = asking.place.here.codes["commissioner"]
    return await asking.post("Group/$standard-approach", ("commissioner", commissioner), ("from", "2020-08-01"))


@_operation("POST Group/$choose")
async def _choose(asking: Asking) -> str:
    network = asking.place.here.codes["network"]
    return await asking.post(
        "Group/$choose", ("organisation", network), ("cohort", "rising-risk"), ("from", "2020-08-01")
    )


@_operation("POST Group/$define")
async def _define(asking: Asking) -> str:
    """A mandatory definition, which nobody but an operator installs; its faults are told only to who may install it."""
    return await asking.post("Group/$define", ("definition", "id: nothing"))


@_operation("POST Group/$withdraw-definition")
async def _withdraw(asking: Asking) -> str:
    return await asking.post("Group/$withdraw-definition", ("id", "no-such"), ("version", "1"))


@_operation("POST Group/$load-value-set")
async def _load_value_set(asking: Asking) -> str:
    return await asking.post("Group/$load-value-set", ("id", "no-such"), ("version", "1"))


@_operation("POST Group/$load-product-map")
async def _load_product_map(asking: Asking) -> str:
    return await asking.post("Group/$load-product-map", ("file", "no products"))


@_operation("POST OrganizationAffiliation/$draft-agreement")
async def _draft(asking: Asking) -> str:
    here = asking.place.here
    return await asking.post(
        "OrganizationAffiliation/$draft-agreement", ("template", "data-sharing"),
        ("holder", here.reference("practice")), ("party", here.reference("community")),
    )  # fmt: skip


@_operation("POST OrganizationAffiliation/[id]/$sign")
async def _sign(asking: Asking) -> str:
    """The parties have signed already: they get 409."""
    return await asking.post(f"OrganizationAffiliation/{asking.place.here.agreement}/$sign")


@_operation("POST PlanDefinition/$publish")
async def _publish(asking: Asking) -> str:
    said = [("from", "2021-08-01"), ("text", f"Text {next(_NUMBERS)}")]
    return await asking.post("PlanDefinition/$publish", ("requirement", "AC-084"), *said)


@_operation("POST PlanDefinition/$add-local")
async def _add_local(asking: Asking) -> str:
    said = [("service", "PC"), ("title", "Walks"), ("text", "Walks are offered"), ("benefit", "Fewer falls")]
    return await asking.post("PlanDefinition/$add-local", *said, ("from", "2020-08-01"))


@_operation("POST PlanDefinition/$switch")
async def _switch(asking: Asking) -> str:
    return await asking.post(
        "PlanDefinition/$switch", ("requirement", "PCN-069"), ("network", asking.place.here.reference("network")),
        ("from", "2030-08-01"), ("on", False),
    )  # fmt: skip


def audited(bundle: dict[str, Any], organisation: str) -> set[str]:
    """What the AuditEvents of a Bundle say that an organisation (a code) did."""
    events = (entry["resource"] for entry in bundle.get("entry", []))
    return {
        coding.get("display", coding["code"]) for event in events if organisation in json.dumps(event["agent"])
        for coding in event["subtype"]
    }  # fmt: skip
