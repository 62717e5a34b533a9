"""Who works where and what they are called, as a service knows it from events."""

from __future__ import annotations

import random
from datetime import date
from itertools import permutations
from typing import Any, Protocol

import pytest

from tandem.canonical import ODS_CODE
from tandem.database.connection import Connection
from tandem.directory.queries import (
    Coded,
    DirectoryOrganisation,
    StaffMember,
    StaffRole,
    names_of,
    organisation_named,
    place_named,
    staff_member,
)

SDS = "https://fhir.hl7.org.uk/CodeSystem/UKCore-SDSJobRoleName"
DAY = date(2020, 7, 1)
GP = {"system": SDS, "code": "R0260", "display": "General Medical Practitioner"}
PRACTICE = {
    "resourceType": "Organization", "id": "p", "name": "Riverside Surgery",
    "identifier": [{"system": ODS_CODE, "value": "A81001"}],
}  # fmt: skip
NETWORK = {
    "resourceType": "Organization", "id": "n", "name": "Riverside PCN",
    "identifier": [{"system": ODS_CODE, "value": "U10001"}],
}  # fmt: skip
DOCTOR = {
    "resourceType": "Practitioner", "id": "d",
    "name": [
        {"use": "old", "family": "Byron"}, {"use": "official", "prefix": ["Dr"], "given": ["Ada"], "family": "King"},
    ],
    "qualification": [
        {"code": {"coding": [{"system": "urn:q", "code": "MRCGP"}], "text": "Member"}, "period": {"start": "2010"}},
        {"code": {"text": "Independent prescriber"}, "period": {"start": "2015-01-01", "end": "2020-06-30"}},
    ],
}  # fmt: skip
AT_PRACTICE = {
    "resourceType": "PractitionerRole", "id": "r1", "practitioner": {"reference": "Practitioner/d"},
    "organization": {"reference": "Organization/p"}, "code": [{"coding": [GP]}],
    "specialty": [{"coding": [{"system": "urn:s", "code": "600"}]}], "period": {"start": "2020-01-01"},
}  # fmt: skip
AT_NETWORK = {
    "resourceType": "PractitionerRole", "id": "r2", "practitioner": {"reference": "Practitioner/d"},
    "organization": {"identifier": {"system": ODS_CODE, "value": "u10001"}}, "code": [{"text": "Clinical lead"}],
    "period": {"start": "2020-02-01", "end": "2020-07-01"},
}  # fmt: skip
HOME = {
    "resourceType": "Location", "id": "h", "name": "Elm House",
    "managingOrganization": {"identifier": {"system": ODS_CODE, "value": "VL001"}},
}  # fmt: skip
CLINIC = {
    "resourceType": "HealthcareService", "id": "h", "name": "Falls clinic",
    "providedBy": {"reference": "Organization/n"},
}  # fmt: skip
EVERYTHING = (PRACTICE, NETWORK, DOCTOR, AT_PRACTICE, AT_NETWORK, HOME, CLINIC)


class Directory(Protocol):
    """See conftest."""

    connection: Connection

    async def hears(self, resource: dict[str, Any], *, version: int = 1, granted: bool = True) -> None: ...
    async def hears_of_deletion(self, reference: str, version: int = 2) -> None: ...


async def hear_everything(directory: Directory) -> None:
    for resource in EVERYTHING:
        await directory.hears(resource)


SURGERY = DirectoryOrganisation("p", "A81001", "Riverside Surgery", "practice")
PCN = DirectoryOrganisation("n", "U10001", "Riverside PCN", "network")
FIRST_ROLE = StaffRole("r1", SURGERY, (Coded(**GP),), (Coded("urn:s", "600", None),))
SECOND_ROLE = StaffRole("r2", PCN, (Coded(None, None, "Clinical lead"),), ())


async def test_a_practitioner_with_name_qualifications_and_all_roles(directory: Directory) -> None:
    await hear_everything(directory)
    found = await staff_member(directory.connection, "Practitioner/d", DAY)
    assert found is not None
    assert (found.practitioner, found.name, found.roles) == ("d", "Dr Ada King", (FIRST_ROLE, SECOND_ROLE))
    member, prescriber = found.qualifications
    assert member.coded == Coded("urn:q", "MRCGP", "Member")
    assert prescriber.coded == Coded(None, None, "Independent prescriber")
    assert (member.holds_on(DAY), prescriber.holds_on(DAY), prescriber.holds_on(date(2020, 6, 30))) == (
        True, False, True,
    )  # fmt: skip


async def test_a_role_stands_for_the_practitioner_in_that_role_alone(directory: Directory) -> None:
    await hear_everything(directory)
    found = await staff_member(directory.connection, "PractitionerRole/r2/_history/1", DAY)
    assert found is not None
    assert (found.name, found.roles) == ("Dr Ada King", (SECOND_ROLE,))


@pytest.mark.parametrize(
    ("day", "roles"),
    [("2019-12-31", []), ("2020-01-01", ["r1"]), ("2020-02-01", ["r1", "r2"]), ("2020-07-01", ["r1", "r2"]),
     ("2020-07-02", ["r1"])],
)  # fmt: skip
async def test_only_roles_of_the_day_count_and_the_last_day_is_one(
    directory: Directory, day: str, roles: list[str]
) -> None:
    await hear_everything(directory)
    found = await staff_member(directory.connection, "Practitioner/d", date.fromisoformat(day))
    assert found is not None
    assert [role.id for role in found.roles] == roles


async def test_a_role_that_is_not_active_does_not_hold(directory: Directory) -> None:
    await hear_everything(directory)
    await directory.hears({**AT_NETWORK, "active": False}, version=2)
    found = await staff_member(directory.connection, "PractitionerRole/r2", DAY)
    assert found is not None
    assert (found.name, found.roles) == ("Dr Ada King", ())


async def test_the_same_is_known_whatever_is_heard_first(directory: Directory) -> None:
    await hear_everything(directory)
    first = await _all_rows(directory.connection)
    orders = list(permutations(EVERYTHING))
    for order in random.Random(7).sample(orders, 20):
        for table in first:
            await directory.connection.execute(f"DELETE FROM {table}")
        for resource in order:
            await directory.hears(resource)
        assert await _all_rows(directory.connection) == first
        found = await staff_member(directory.connection, "Practitioner/d", DAY)
        assert found is not None
        assert found.roles == (FIRST_ROLE, SECOND_ROLE)


async def _all_rows(connection: Connection) -> dict[str, list[dict[str, Any]]]:
    tables = ("directory_organisation", "directory_practitioner", "directory_role", "directory_place")
    return {
        table: [dict(row) for row in await connection.fetch(f"SELECT * FROM {table} ORDER BY id")] for table in tables
    }


async def test_a_role_of_somebody_not_heard_of_yet(directory: Directory) -> None:
    await directory.hears(AT_PRACTICE)
    found = await staff_member(directory.connection, "PractitionerRole/r1", DAY)
    assert found == StaffMember(None, None, (), (StaffRole("r1", None, FIRST_ROLE.codes, FIRST_ROLE.specialties),))
    assert await staff_member(directory.connection, "Practitioner/d", DAY) is None


async def test_an_ods_code_stands_for_itself_until_its_organisation_is_known(directory: Directory) -> None:
    await directory.hears(AT_NETWORK)
    found = await staff_member(directory.connection, "PractitionerRole/r2", DAY)
    assert found is not None
    assert found.roles[0].organisation == DirectoryOrganisation(None, "U10001", None, "network")
    assert await organisation_named(directory.connection, "U10001") is None


@pytest.mark.parametrize(
    "named", ["Organization/p", "Organization/p/_history/3", "A81001", "a81001", f"{ODS_CODE}|A81001"]
)
async def test_an_organisation_by_reference_or_code(directory: Directory, named: str) -> None:
    await hear_everything(directory)
    assert await organisation_named(directory.connection, named) == SURGERY


@pytest.mark.parametrize("named", ["Organization/x", "A81002", "not a code", "|", ""])
async def test_no_organisation_is_named(directory: Directory, named: str) -> None:
    await hear_everything(directory)
    assert await organisation_named(directory.connection, named) is None


async def test_an_organisation_without_ods_code_has_system_and_value(directory: Directory) -> None:
    charity = {"system": "https://charity.example/id", "value": "17"}
    await directory.hears({"resourceType": "Organization", "id": "c", "name": "Kind Hands", "identifier": [charity]})
    found = await organisation_named(directory.connection, "https://charity.example/id#17")
    assert found is not None
    assert (found.name, found.code) == ("Kind Hands", "https://charity.example/id|17")


async def test_of_two_organisations_with_one_code_the_first_by_id_counts(directory: Directory) -> None:
    await directory.hears(PRACTICE)
    await directory.hears({**PRACTICE, "id": "a", "name": "Another"})
    found = await organisation_named(directory.connection, "A81001")
    assert found is not None
    assert found.id == "a"


async def test_names_for_display(directory: Directory) -> None:
    await hear_everything(directory)
    asked = ["Organization/p", "Practitioner/d", "PractitionerRole/r1", "Location/h", "HealthcareService/h",
             "Practitioner/d/_history/1", "Practitioner/unknown", "Patient/d", ""]  # fmt: skip
    assert await names_of(directory.connection, asked) == {
        "Organization/p": "Riverside Surgery", "Practitioner/d": "Dr Ada King", "PractitionerRole/r1": "Dr Ada King",
        "Location/h": "Elm House", "HealthcareService/h": "Falls clinic", "Practitioner/d/_history/1": "Dr Ada King",
    }  # fmt: skip
    assert await names_of(directory.connection, []) == {}


async def test_places_and_whose_they_are(directory: Directory) -> None:
    await hear_everything(directory)
    home = await place_named(directory.connection, "Location/h")
    clinic = await place_named(directory.connection, "HealthcareService/h")
    assert home is not None
    assert clinic is not None
    assert (home.name, home.organisation) == (
        "Elm House", DirectoryOrganisation(None, "VL001", None, "community-provider"),
    )  # fmt: skip
    assert (clinic.name, clinic.organisation) == ("Falls clinic", PCN)
    assert await place_named(directory.connection, "Location/other") is None


async def test_an_update_replaces_and_a_deletion_removes(directory: Directory) -> None:
    await hear_everything(directory)
    await directory.hears({**PRACTICE, "name": "Riverside Health Centre"}, version=2)
    found = await organisation_named(directory.connection, "A81001")
    assert found is not None
    assert found.name == "Riverside Health Centre"
    for resource in EVERYTHING:
        await directory.hears_of_deletion(f"{resource['resourceType']}/{resource['id']}")
    assert set(map(len, (await _all_rows(directory.connection)).values())) == {0}


async def test_what_was_written_without_a_right_to_it_does_not_count(directory: Directory) -> None:
    await hear_everything(directory)
    await directory.hears({**PRACTICE, "name": "Other"}, version=2, granted=False)
    assert await organisation_named(directory.connection, "A81001") == SURGERY


async def test_a_reference_to_something_else_is_nobody(directory: Directory) -> None:
    await hear_everything(directory)
    assert await staff_member(directory.connection, "Organization/p", DAY) is None
    assert await staff_member(directory.connection, "PractitionerRole/none", DAY) is None
