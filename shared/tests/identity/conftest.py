"""A small world for the tests of identity: a database with the kernel's tables, and a bare store."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from tandem.canonical import AFFILIATION_ROLE, AGREEMENT_SIGNATURE, NHS_NUMBER, ODS_CODE, ORGANISATION_TYPE
from tandem.database.connection import Database, open_database
from tandem.identity.access import visible
from tandem.identity.caller import ALL_LETTERS, Caller
from tandem.identity.projection import project
from tandem.identity.rights import WriteDecision, write_refusal
from tandem_tests.kernel_tables import KernelDatabase

NOW = 1_600_000_000_000_000
"""Sunday 13 September 2020, 12:26:40 UTC, in microseconds."""


@pytest.fixture
async def database(kernel_database: KernelDatabase) -> AsyncIterator[Database]:
    """The kernel's tables, empty; once on SQLite and once on PostgreSQL."""
    opened = await open_database(kernel_database(), pool_size=3)
    yield opened
    await opened.close()


@pytest.fixture
def tables_url(kernel_database: KernelDatabase) -> str:
    """The URL of a database with the kernel's tables, for tests that open it themselves."""
    return kernel_database()


def ods(code: str) -> dict[str, Any]:
    """A Reference to an organisation by ODS code, or by `system|value`."""
    system, separator, value = code.rpartition("|")
    return {"type": "Organization", "identifier": {"system": system if separator else ODS_CODE, "value": value}}


class World:
    """Writes as a store would: asks for the right, keeps the row, projects the resource."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.bodies: dict[tuple[str, str], dict[str, Any]] = {}
        self.now = NOW

    @staticmethod
    def caller(organisation: str, *, operator: bool = False) -> Caller:
        return Caller(organisation=organisation, scopes={"*": ALL_LETTERS}, operator=operator)

    async def write(
        self, organisation: str, resource: dict[str, Any], *, operator: bool = False, delete: bool = False
    ) -> WriteDecision:
        """Create, update or delete a resource in the name of an organisation; answers what was decided."""
        caller = self.caller(organisation, operator=operator)
        kind, name = resource["resourceType"], resource["id"]
        before = self.bodies.get((kind, name))
        after = None if delete else resource
        patient = self.patient_of(resource)
        async with self.database.transaction() as connection:
            decision = await write_refusal(
                connection, caller, kind, "delete" if delete else "update" if before else "create", before, after,
                patient, self.now,
            )  # fmt: skip
            if not decision.allowed:
                return decision
            received = None if decision.granted else organisation
            await connection.execute(
                "INSERT INTO resource (type, id, version, updated, log_id, patient, author, received_from)"
                " VALUES ($1, $2, 1, $3, 0, $4, $5, $6)"
                " ON CONFLICT (type, id) DO UPDATE SET patient = excluded.patient, version = resource.version + 1",
                kind, name, self.now, patient, organisation, received,
            )  # fmt: skip
            await project(
                connection, kind, name, after, author=organisation, granted=decision.granted, patient=patient
            )
        self.bodies[kind, name] = resource
        return decision

    async def sees(
        self, organisation: str, kind: str, name: str, *, now: int | None = None, registered_only: bool = False
    ) -> bool:
        """Whether the organisation sees the resource, in a read of its type and in a read of all types alike."""
        answers = set()
        for resource_type in (kind, None):
            params: list[Any] = [kind, name]
            condition = visible(
                self.caller(organisation), "r", params, self.now if now is None else now,
                resource_type=resource_type, registered_only=registered_only,
            )  # fmt: skip
            async with self.database.read() as connection:
                sql = f"SELECT 1 FROM resource r WHERE r.type = $1 AND r.id = $2 AND {condition}"
                answers.add(await connection.fetchval(sql, *params) == 1)
        assert len(answers) == 1
        return answers.pop()

    @staticmethod
    def patient_of(resource: dict[str, Any]) -> str | None:
        if resource["resourceType"] == "Patient":
            return str(resource["id"])
        subject = resource.get("for") or resource.get("subject") or resource.get("patient") or {}
        reference = str(subject.get("reference", ""))
        return reference.removeprefix("Patient/") if reference.startswith("Patient/") else None

    @staticmethod
    def organization(name: str, code: str, kind: str | None = None) -> dict[str, Any]:
        resource: dict[str, Any] = {"resourceType": "Organization", "id": name, "active": True, "name": "x",
                                    "identifier": [ods(code)["identifier"]]}  # fmt: skip
        if kind:
            resource["type"] = [{"coding": [{"system": ORGANISATION_TYPE, "code": kind}]}]
        return resource

    @staticmethod
    def patient(name: str, practice: str | None, nhs_number: str | None = None) -> dict[str, Any]:
        resource: dict[str, Any] = {"resourceType": "Patient", "id": name}
        if practice:
            resource["generalPractitioner"] = [ods(practice)]
        if nhs_number:
            resource["identifier"] = [{"system": NHS_NUMBER, "value": nhs_number}]
        return resource

    @staticmethod
    def affiliation(
        name: str, holder: str, member: str, role: str = "sharing-agreement", *, signed: tuple[str, ...] = (),
        named: tuple[str, ...] = (), **rest: Any,
    ) -> dict[str, Any]:  # fmt: skip
        def signature(party: str, dated: bool) -> dict[str, Any]:
            parts: list[dict[str, Any]] = [{"url": "party", "valueReference": ods(party)}]
            if dated:
                parts.append({"url": "signed", "valueDateTime": "2020-06-01"})
            return {"url": AGREEMENT_SIGNATURE, "extension": parts}

        return {
            "resourceType": "OrganizationAffiliation", "id": name, "active": True,
            "extension": [signature(party, True) for party in signed] + [signature(party, False) for party in named],
            "organization": ods(holder), "participatingOrganization": ods(member),
            "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": role}]}], **rest,
        }  # fmt: skip

    @staticmethod
    def task(name: str, patient: str | None, *, requester: str | None = None, owner: str | None = None,
             status: str = "requested", updated: str = "2020-09-01T09:00:00Z") -> dict[str, Any]:  # fmt: skip
        resource: dict[str, Any] = {"resourceType": "Task", "id": name, "status": status, "intent": "order",
                                    "meta": {"lastUpdated": updated}}  # fmt: skip
        if patient:
            resource["for"] = {"reference": f"Patient/{patient}"}
        if requester:
            resource["requester"] = ods(requester)
        if owner:
            resource["owner"] = ods(owner)
        return resource


@pytest.fixture
def world(database: Database) -> World:
    """An empty world."""
    return World(database)
