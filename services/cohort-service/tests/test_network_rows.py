"""Rows kept from affiliations, stays and people: one network a home, and offers that do not depend on the order."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date, timedelta
from itertools import permutations
from typing import Any

import pytest

from cohort_service.networks.alignments import alignment_on, alignments_of
from cohort_service.networks.lead_rows import leads_by, leads_of
from cohort_service.networks.offer_rows import TURN_OF_DAY
from cohort_service.service import service
from tandem.canonical import AFFILIATION_ROLE, BASE, ODS_CODE, ORGANISATION_TYPE, SNOMED_CT
from tandem.database.connection import Connection, Database, open_database
from tandem.events.event import Event
from tandem.fhir.outcome import FhirError
from tandem.identity.caller import Caller
from tandem.identity.projection import project
from tandem_tests.prepared_databases import MigratedDatabase
from tandem_tests.small_work import SmallWork

OPERATOR = Caller("T0001", operator=True)
TODAY = (date(2020, 7, 1) - date(1970, 1, 1)).days


@pytest.fixture
async def database(migrated_database: MigratedDatabase) -> AsyncIterator[Database]:
    database = await open_database(migrated_database(service), pool_size=4)
    yield database
    await database.close()


def organization(code: str, kind: str, identity: str | None = None) -> dict[str, Any]:
    return {
        "resourceType": "Organization", "id": identity or code.lower(),
        "identifier": [{"system": ODS_CODE, "value": code}],
        "type": [{"coding": [{"system": ORGANISATION_TYPE, "code": kind}]}],
    }  # fmt: skip


def affiliation(identity: str, holder: str, member: str, role: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "OrganizationAffiliation", "id": identity, "active": True,
        "organization": {"reference": f"Organization/{holder}"},
        "participatingOrganization": {"reference": f"Organization/{member}"},
        "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": role}]}], **more,
    }  # fmt: skip


def alignment(identity: str, network: str, **more: Any) -> dict[str, Any]:
    return affiliation(identity, network, "vhome", "care-home-alignment", **more)


def stay(start: str = "2020-06-20", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "EpisodeOfCare", "id": "stay", "status": "active", "patient": {"reference": "Patient/p1"},
        "type": [{"coding": [{"system": SNOMED_CT, "code": "160734000"}]}], "period": {"start": start},
        "managingOrganization": {"reference": "Organization/vhome"}, **more,
    }  # fmt: skip


def patient(practice: str = "a00001") -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "p1", "generalPractitioner": [{"reference": f"Organization/{practice}"}]}


async def write(work: SmallWork, resource: dict[str, Any]) -> None:
    """As the kernel does: what decides on access first, then the rules and reactions."""
    await project(work.connection, resource["resourceType"], resource["id"], resource)
    await work.write(resource, OPERATOR)


async def begin(connection: Connection) -> SmallWork:
    work = SmallWork(service, connection)
    for each in (organization("VHOME", "care-home"), organization("U10001", "network"),
                 organization("U10002", "network"), organization("A00001", "practice")):  # fmt: skip
        await write(work, each)
    return work


async def offers(connection: Connection) -> list[tuple[str, str]]:
    rows = await connection.fetch("SELECT network, status FROM registration_offer ORDER BY network")
    return [(row["network"], row["status"]) for row in rows]


async def test_an_alignment_that_was_ended_stays_readable_and_the_next_begins(work: SmallWork) -> None:
    await begin(work.connection)
    await write(work, alignment("one", "u10001", period={"start": "2020-04-01"}))
    with pytest.raises(FhirError) as refused:
        await write(work, alignment("two", "u10002", period={"start": "2020-07-01"}))
    assert refused.value.kind.status == 409
    await write(work, alignment("one", "u10001", period={"start": "2020-04-01"}, active=False))
    await write(work, alignment("three", "u10002", period={"start": "2020-07-01"}))
    current = await alignment_on(work.connection, "VHOME", TODAY)
    assert current is not None
    assert (current.id, current.network) == ("three", "U10002"), "on the day of handing over the later one counts"
    before = await alignment_on(work.connection, "VHOME", TODAY - 1)
    assert before is not None
    assert before.network == "U10001"
    work.now += timedelta(days=20)
    await write(work, alignment("one", "u10001", period={"start": "2020-04-01"}, active=False, telecom=[]))
    assert [(each.id, each.days.last == TODAY) for each in await alignments_of(work.connection, "VHOME")] == [
        ("three", False), ("one", True),
    ]  # fmt: skip


async def test_two_networks_that_take_a_home_at_once_get_it_once(database: Database) -> None:
    async with database.transaction() as connection:
        work = await begin(connection)
        for home in range(8):
            await write(work, organization(f"V{home}", "care-home"))

    async def take(home: int, network: str) -> None:
        async with database.transaction() as connection:
            taking = affiliation(f"{home}-{network}", network, f"v{home}", "care-home-alignment")
            await SmallWork(service, connection).write(taking, OPERATOR)

    for home in range(8):
        taken = await asyncio.gather(*(take(home, each) for each in ("u10001", "u10002")), return_exceptions=True)
        assert sum(each is None for each in taken) == 1
        assert {each.kind.status for each in taken if isinstance(each, FhirError)} == {409}
    async with database.read() as connection:
        assert await connection.fetchval("SELECT COUNT(*) FROM network_affiliation") == 8


async def test_a_stay_and_an_alignment_written_at_once_open_the_offer(database: Database) -> None:
    async with database.transaction() as connection:
        await write(await begin(connection), patient())

    async def one(resource: dict[str, Any]) -> None:
        async with database.transaction() as connection:
            await SmallWork(service, connection).write(resource, OPERATOR)

    await asyncio.gather(one(stay()), one(alignment("one", "u10001")))
    async with database.read() as connection:
        assert await offers(connection) == [("U10001", "open")]


_WRITES = {
    "home": organization("VHOME", "care-home"),
    "patient": patient(),
    "stay": stay(),
    "alignment": alignment("one", "u10001", period={"start": "2020-06-01"}),
    "membership": affiliation("member", "u10002", "a00001", "member"),
}


# An alignment is refused for a home that is not held, and a person is known before what is written about them.
_ORDERS = [
    order for order in permutations(_WRITES)
    if order.index("home") < order.index("alignment") and order.index("patient") < order.index("stay")
]  # fmt: skip


class _Undone(Exception):
    """Takes back what a transaction wrote."""


async def test_an_offer_does_not_depend_on_the_order_of_what_leads_to_it(database: Database) -> None:
    assert len(_ORDERS) == 30
    for order in _ORDERS:
        with pytest.raises(_Undone):
            async with database.transaction() as connection:
                await offer_in_order(SmallWork(service, connection), order)
                raise _Undone


async def offer_in_order(work: SmallWork, order: tuple[str, ...]) -> None:
    for each in (organization("U10001", "network"), organization("U10002", "network"),
                 organization("A00001", "practice")):  # fmt: skip
        await write(work, each)
    for name in order:
        await write(work, _WRITES[name])
    assert await offers(work.connection) == [("U10001", "open")], order
    await write(work, affiliation("member", "u10001", "a00001", "member"))
    assert await offers(work.connection) == [("U10001", "lapsed")], "the practice joined the network of the home"
    await write(work, affiliation("member", "u10002", "a00001", "member"))
    assert await offers(work.connection) == [("U10001", "open")], order


@pytest.mark.parametrize("correction", ["left", "wrong", "deleted", "died", "person deleted"])
async def test_an_offer_lapses_with_its_reason(work: SmallWork, correction: str) -> None:
    await begin(work.connection)
    for each in (patient(), alignment("one", "u10001"), stay()):
        await write(work, each)
    assert await offers(work.connection) == [("U10001", "open")]
    match correction:
        case "left":
            await write(work, stay(period={"start": "2020-06-20", "end": "2020-06-30"}, status="finished"))
        case "wrong":
            await write(work, stay(status="entered-in-error"))
        case "deleted":
            await work.delete("EpisodeOfCare", "stay")
        case "died":
            await write(work, {**patient(), "deceasedBoolean": True})
        case _:
            await project(work.connection, "Patient", "p1", None)
            await work.delete("Patient", "p1")
    assert await offers(work.connection) == [("U10001", "lapsed")]


async def test_what_begins_later_is_offered_on_its_day(work: SmallWork) -> None:
    await begin(work.connection)
    for each in (patient(), alignment("one", "u10001"), stay("2020-07-11")):
        await write(work, each)
    assert await offers(work.connection) == []
    [(at, payload)] = [due for (kind, _), due in work.due.items() if kind == TURN_OF_DAY]
    assert at.isoformat() == "2020-07-10T23:00:00+00:00", "the beginning of the day in London"
    work.now = at
    [timer] = [each for each in service.timers if each.kind == TURN_OF_DAY]
    await timer.handler(Event("e", TURN_OF_DAY, "cohort-service", at, data=payload), work)
    assert await offers(work.connection) == [("U10001", "open")]


async def test_a_closed_offer_is_not_opened_again_for_the_same_stay_and_network(work: SmallWork) -> None:
    await begin(work.connection)
    for each in (patient(), alignment("one", "u10001"), stay()):
        await write(work, each)
    await work.connection.execute("UPDATE registration_offer SET status = 'closed'")
    await write(work, stay("2020-06-21"))
    assert await offers(work.connection) == [("U10001", "closed")]
    await write(work, alignment("one", "u10001", period={"start": "2020-06-01", "end": "2020-07-01"}))
    work.now += timedelta(days=1)
    await write(work, alignment("two", "u10002"))
    assert await offers(work.connection) == [("U10001", "closed"), ("U10002", "open")]


async def test_an_organisation_that_gets_another_code_takes_its_rows_along(work: SmallWork) -> None:
    await begin(work.connection)
    for each in (patient(), alignment("one", "u10001"), stay()):
        await write(work, each)
    await write(work, organization("VOTHER", "care-home", "vhome"))
    assert await alignments_of(work.connection, "VHOME") == []
    current = await alignment_on(work.connection, "VOTHER", TODAY)
    assert current is not None
    assert current.network == "U10001"
    assert await work.connection.fetchval("SELECT home FROM care_home_stay") == "VOTHER"


@pytest.mark.parametrize("fault", ["no home", "no network", "foreign team", "unknown team"])
async def test_what_is_no_alignment_is_refused(work: SmallWork, fault: str) -> None:
    await begin(work.connection)
    team = {"resourceType": "HealthcareService", "id": "t", "providedBy": {"reference": "Organization/u10002"}}
    await write(work, team)
    named = {"healthcareService": [{"reference": f"HealthcareService/{'t' if fault == 'foreign team' else 'x'}"}]}
    resource = {
        "no home": affiliation("one", "u10001", "a00001", "care-home-alignment"),
        "no network": affiliation("one", "a00001", "vhome", "care-home-alignment"),
    }.get(fault, alignment("one", "u10001", **named))
    with pytest.raises(FhirError) as refused:
        await work.write(resource, OPERATOR)
    assert refused.value.kind.status == 422


async def test_leads_follow_their_roles_and_the_networks_code(work: SmallWork) -> None:
    lead = {
        "resourceType": "PractitionerRole", "id": "r", "organization": {"reference": "Organization/u10001"},
        "practitioner": {"reference": "Practitioner/7"}, "period": {"start": "2020-04-01", "end": "2020-12-31"},
        "code": [{"coding": [{"system": f"{BASE}/CodeSystem/network-lead", "code": "service-lead"},
                             {"system": f"{BASE}/CodeSystem/network-service", "code": "EHCH"}]}],
    }  # fmt: skip
    await write(work, lead)
    assert await leads_of(work.connection, "U10001", "EHCH", date(2020, 7, 1)) == [], "its network is not known yet"
    await begin(work.connection)
    [held] = await leads_of(work.connection, "U10001", "EHCH", date(2020, 7, 1))
    assert (held.practitioner_role, held.lead.practitioner) == ("r", "Practitioner/7")
    assert await leads_by(work.connection, "U10001", "Practitioner/7", date(2020, 7, 1)) == [held]
    for service_code, on_day in (("SMR", date(2020, 7, 1)), ("EHCH", date(2021, 1, 1)), ("EHCH", date(2020, 3, 31))):
        assert await leads_of(work.connection, "U10001", service_code, on_day) == []
    await work.delete("PractitionerRole", "r")
    assert await leads_of(work.connection, "U10001", None, date(2020, 7, 1)) == []


async def test_a_persons_sector_is_kept_and_taken_back(work: SmallWork) -> None:
    for address, expected in (([{"postalCode": "LS1 4AP"}], "LS1 4"), ([{"postalCode": "M1 1AE"}], "M1 1"), ([], None)):
        await write(work, {**patient(), "address": address})
        assert await work.connection.fetchval("SELECT sector FROM person_sector WHERE patient = 'p1'") == expected
