"""Rows of figures about networks, on both databases: newest by a day, put right by saying them again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from typing import Any

import pytest

from cohort_service.domain.networks.list_sizes import ListSize
from cohort_service.networks.activity import Activity, accountable_for
from cohort_service.networks.alignments import commissioners_listing, homes_aligned_to, homes_listed_by
from cohort_service.networks.cancer_target_rows import holders_above, record_targets, target_of
from cohort_service.networks.list_size_rows import network_size, newest_size, record_sizes
from cohort_service.networks.offer_reading import close_offer, offers_to, open_offer
from cohort_service.networks.organisations import commissions, organisation_with_code
from cohort_service.networks.people import belonging_of
from cohort_service.networks.population_rows import Counts, Population
from cohort_service.networks.profile_rows import Profile, newest_profile, record_profile
from cohort_service.networks.sector_rows import record_sectors, sectors_of
from cohort_service.networks.staff_rows import Post, posts_held, posts_of_role, record_staff, staff_in_post
from cohort_service.networks.sub_contracts import contractor_for
from cohort_service.service import service
from tandem.clock import to_micros
from tandem.database.connection import Connection, Database, open_database
from tandem.fhir.outcome import FhirError
from tandem.identity.caller import Caller
from tandem.identity.periods import BEGINNING, FOREVER
from tandem_tests.prepared_databases import MigratedDatabase
from tandem_tests.small_work import SmallWork

TODAY = (date(2020, 7, 1) - date(1970, 1, 1)).days
ALWAYS = 2_900_000


@pytest.fixture
async def database(migrated_database: MigratedDatabase) -> AsyncIterator[Database]:
    database = await open_database(migrated_database(service), pool_size=4)
    yield database
    await database.close()


async def known(connection: Connection) -> None:
    """A commissioner over network U10001 with practices A00001 and A00002; network U10002 with A00003."""
    kinds = {"QAA": "commissioner", "U10001": "network", "U10002": "network", "A00001": "practice",
             "A00002": "practice", "A00003": "practice", "RX1": "community-provider", "VHOME": "care-home"}  # fmt: skip
    for code, kind in kinds.items():
        await connection.execute(
            "INSERT INTO organisation (id, code, kind, active) VALUES ($1, $2, $3, 1)", code.lower(), code, kind
        )
    members = (("QAA", "U10001"), ("U10001", "A00001"), ("U10001", "A00002"), ("U10001", "RX1"), ("U10002", "A00003"))
    for number, (holder, member) in enumerate(members):
        await connection.execute(
            "INSERT INTO membership (id, holder_reference, holder, member_reference, member, starts, ends)"
            " VALUES ($1, $2, $2, $3, $3, $4, $5)",
            str(number), holder, member, BEGINNING, FOREVER,
        )  # fmt: skip


async def affiliate(connection: Connection, role: str, holder: str, member: str, service_code: str = "") -> None:
    await connection.execute(
        "INSERT INTO network_affiliation (id, role, service, holder_reference, holder, member_reference, member,"
        " first_day, last_day) VALUES ($1, $2, $3, $4, $4, $5, $5, $6, $7)",
        f"{role}-{holder}-{member}", role, service_code, holder, member, TODAY, TODAY + 10,
    )  # fmt: skip


async def test_the_newest_list_by_a_day_counts_and_the_network_is_their_sum(work: SmallWork) -> None:
    connection = work.connection
    await known(connection)
    sizes = [ListSize("A00001", TODAY - 90, 20_000, 20_000.5), ListSize("A00001", TODAY, 21_000, None),
             ListSize("A00002", TODAY - 90, 9_000, 9_000.0)]  # fmt: skip
    await record_sizes(connection, sizes, "QAA", 1)
    await record_sizes(connection, [ListSize("A00002", TODAY - 90, 9_500, 9_100.25)], "QAA", 2)
    assert await newest_size(connection, "A00001", TODAY - 91) is None
    assert await newest_size(connection, "A00002", TODAY) == ListSize("A00002", TODAY - 90, 9_500, 9_100.25)
    earlier, lists = await network_size(connection, "U10001", TODAY - 1)
    assert (earlier.registered, earlier.weighted, len(lists)) == (29_500, 29_100.75, 2)
    now, _ = await network_size(connection, "U10001", TODAY)
    assert (now.registered, now.weighted, now.outside_norm) == (30_500, None, False)


async def test_staff_in_post_by_day(work: SmallWork) -> None:
    connection = work.connection
    leaver, pharmacists = Post("physiotherapist", 10, 0.5), Post("clinical-pharmacist", 10, 2.5, 120_000)
    wrong = Post("clinical-pharmacist", 10, 2.0)
    await record_staff(connection, "U1", [leaver, Post("physiotherapist", 20, 0.0), wrong], "U1", 1)
    await record_staff(connection, "U1", [pharmacists], "U1", 2)
    assert await staff_in_post(connection, "U1", 9) == {}
    assert await staff_in_post(connection, "U1", 19) == {"physiotherapist": 0.5, "clinical-pharmacist": 2.5}
    assert await staff_in_post(connection, "U1", 20) == {"clinical-pharmacist": 2.5}
    assert await posts_held(connection, "U1", 19) == [pharmacists, leaver], "what they cost is told where it is known"
    assert await posts_of_role(connection, "U1", "physiotherapist") == [leaver, Post("physiotherapist", 20, 0.0)]


async def test_profiles_and_targets_by_day(work: SmallWork) -> None:
    connection = work.connection
    for day, name in ((10, "first"), (20, "second"), (20, "put right")):
        await record_profile(connection, "A00001", Profile(day, [{"name": name}], "QAA"), 1)
    assert await newest_profile(connection, "A00001", 19) == Profile(10, [{"name": "first"}], "QAA")
    assert await newest_profile(connection, "A00001", 20) == Profile(20, [{"name": "put right"}], "QAA")
    assert await newest_profile(connection, "A00002", 20) is None
    await record_targets(connection, "C", [(10, 60.0, "2023/24"), (20, 62.5, "2028")], "C")
    found = [await target_of(connection, "C", day) for day in (9, 10, 20)]
    assert [each and (each.percent, each.by) for each in found] == [None, (60.0, "2023/24"), (62.5, "2028")]


async def test_relations_hold_on_their_days(work: SmallWork) -> None:
    connection = work.connection
    await known(connection)
    await affiliate(connection, "cancer-alliance", "C", "U10001")
    await affiliate(connection, "care-home-in-area", "QAA", "VHOME")
    await affiliate(connection, "care-home-alignment", "U10001", "VHOME")
    for day, there in ((TODAY - 1, False), (TODAY, True), (TODAY + 10, True), (TODAY + 11, False)):
        assert await holders_above(connection, "cancer-alliance", "U10001", day) == (["C"] if there else [])
        assert await homes_listed_by(connection, "QAA", day) == (["VHOME"] if there else [])
        assert await homes_aligned_to(connection, "U10001", day) == (["VHOME"] if there else [])
    assert await commissioners_listing(connection, "VHOME", TODAY + 10) == ["QAA"]
    assert await commissioners_listing(connection, "VHOME", TODAY + 11) == []


async def test_a_commissioner_commissions_its_networks_and_their_practices(work: SmallWork) -> None:
    await known(work.connection)
    kinds = {"U10001": "network", "A00001": "practice", "U10002": "network", "A00003": "practice"}
    for code, kind in kinds.items():
        expected = code in ("U10001", "A00001")
        organisation = await organisation_with_code(work.connection, code, kind)
        assert organisation is not None
        assert await commissions(work.connection, "QAA", organisation, TODAY) is expected, code
        assert not await commissions(work.connection, "U10001", organisation, TODAY)
    assert await organisation_with_code(work.connection, "U10001", "practice") is None


async def register(connection: Connection, patient: str, practice: str, sector: str | None = None) -> None:
    await connection.execute("INSERT INTO patient (id, practice) VALUES ($1, $2)", patient, practice)
    for organisation in (practice, "U10001"):
        await connection.execute(
            "INSERT INTO access (patient, organisation, reason, starts, ends) VALUES ($1, $2, 'network', $3, $4)",
            patient, organisation, BEGINNING, FOREVER,
        )  # fmt: skip
    if sector is not None:
        await connection.execute("INSERT INTO person_sector (patient, sector) VALUES ($1, $2)", patient, sector)


async def test_people_are_counted_where_they_are_registered_and_listed_where_they_live(work: SmallWork) -> None:
    connection = work.connection
    await known(connection)
    sectors = [("LS1 1", "U10001", 0), ("LS1 2", "U10001", 0), ("LS1 2", "U10002", TODAY)]
    await record_sectors(connection, sectors, "QAA")
    people = {"here": "LS1 1", "across": "LS1 2", "unknown": None, "elsewhere-known": "M1 1", "died": "LS1 2"}
    for patient, sector in people.items():
        await register(connection, patient, "A00001", sector)
    await register(connection, "second", "A00002", "LS1 2")
    await register(connection, "foreign", "A00003", "LS1 1")
    await connection.execute("INSERT INTO person (patient, died) VALUES ('died', $1)", TODAY)

    now = to_micros(work.now)
    of_network = Population("U10001", TODAY, Caller("U10001"), now)
    assert await of_network.counts(connection) == Counts(registered=5, here=1, elsewhere=2)
    rows = await of_network.cross_boundary(connection, "", 10)
    assert [(row["patient"], row["practice"], row["lives_in"]) for row in rows] == [
        ("across", "A00001", "U10002"), ("second", "A00002", "U10002"),
    ]  # fmt: skip
    assert [row["patient"] for row in await of_network.cross_boundary(connection, "across", 10)] == ["second"]
    assert len(await of_network.cross_boundary(connection, "", 1)) == 1
    of_practice = Population("U10001", TODAY, Caller("A00002"), now)
    assert await of_practice.counts(connection) == Counts(registered=1, here=0, elsewhere=1)
    operator = Population("U10001", TODAY - 1, Caller("T0001", operator=True), now)
    assert await operator.counts(connection) == Counts(registered=6, here=4, elsewhere=0), "before the area was moved"

    await affiliate(connection, "care-home-alignment", "U10002", "VHOME")
    await connection.execute(
        "INSERT INTO care_home_stay (reference, patient, home_reference, home, first_day, last_day)"
        " VALUES ('EpisodeOfCare/1', 'here', 'VHOME', 'VHOME', $1, $2)", TODAY - 5, ALWAYS,
    )  # fmt: skip
    assert await of_network.counts(connection) == Counts(registered=5, here=0, elsewhere=3), "the home goes before"
    belonging = await belonging_of(connection, "here", TODAY)
    assert belonging.alignment is not None
    assert (belonging.home, belonging.alignment.network, belonging.networks) == (
        "VHOME", "U10002", frozenset({"U10001"}),
    )  # fmt: skip


async def test_a_sector_is_held_by_one_commissioner_also_when_two_take_it_at_once(database: Database) -> None:
    async def take(commissioner: str) -> None:
        async with database.transaction() as connection:
            await record_sectors(connection, [("LS1 1", "U10001", TODAY)], commissioner)

    taken = await asyncio.gather(*(take(each) for each in ("QAA", "QBB", "QCC")), return_exceptions=True)
    assert sum(each is None for each in taken) == 1
    assert {each.kind.status for each in taken if isinstance(each, FhirError)} == {409}
    async with database.read() as connection:
        held = [await sectors_of(connection, each, TODAY) for each in ("QAA", "QBB", "QCC")]
    assert sum(map(len, held)) == 1


async def test_who_answers_for_what_was_delivered(work: SmallWork) -> None:
    connection = work.connection
    await known(connection)
    await register(connection, "p1", "A00001")
    done = Activity("EHCH", TODAY, "RX1")
    assert await accountable_for(connection, done, "p1") is None
    await affiliate(connection, "sub-contract", "A00001", "RX1", "EHCH")
    found = await accountable_for(connection, done, "p1")
    assert found is not None
    assert (found.network, found.delivers, found.sub_contract) == ("U10001", "RX1", "sub-contract-A00001-RX1")
    for other in (Activity("SMR", TODAY, "RX1"), Activity("EHCH", TODAY - 1, "RX1"), Activity("EHCH", TODAY, "RX2")):
        assert await accountable_for(connection, other, "p1") is None, other
    itself = await accountable_for(connection, Activity("EHCH", TODAY, "A00001"), "p1")
    assert itself is not None
    assert (itself.network, itself.sub_contract) == ("U10001", None)
    contract = await contractor_for(connection, "A00001", "EHCH", TODAY)
    assert contract is not None
    assert contract.delivers == "RX1"


async def test_an_offer_that_was_closed_is_not_closed_again(work: SmallWork) -> None:
    connection = work.connection
    values: dict[str, Any] = {"id": "o", "patient": "p1", "stay": "EpisodeOfCare/1", "home": "VHOME", "network": "U1"}
    await connection.execute(
        "INSERT INTO registration_offer (id, patient, stay, home, network, since_day, status, opened)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'open', 1)", *values.values(), TODAY,
    )  # fmt: skip
    row = await open_offer(connection, "p1")
    assert row is not None
    caller = Caller("A00001", user="Practitioner/7")
    kept = await close_offer(connection, row["id"], "stay-with-own-practice", TODAY, caller, 5)
    assert kept is not None
    assert (kept["status"], kept["closed_by"], kept["closed_by_user"]) == ("closed", "A00001", "Practitioner/7")
    assert await close_offer(connection, "o", "register-with-aligned-network", TODAY, caller, 6) is None
    assert await open_offer(connection, "p1") is None
    assert [each["choice"] for each in await offers_to(connection, "p1")] == ["stay-with-own-practice"]
