"""cohort-service behind its routes, for tests of identification runs.

Two practices of a network, one outside it, a commissioner, and small definitions under the names of the real ones.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

from cohort_service.catalogue.shipped import install
from cohort_service.domain.facts.person import Person
from cohort_service.facts.concepts import Concepts
from cohort_service.facts.fact_rows import RecordFacts, write_facts
from cohort_service.facts.person_rows import write_person
from cohort_service.runs.duties import duties
from cohort_service.service import service
from tandem.canonical import SNOMED_CT
from tandem.clock import SettableClock
from tandem.database.connection import Database
from tandem.events.due import DueScanner
from tandem.events.event import Event
from tandem.events.lease import Lease
from tandem.fhir.body import decode, encode
from tandem.fhir.jobs import JobRunner
from tandem.fhir.kernel import Kernel
from tandem.fhir.operation_jobs import operation_jobs
from tandem.fhir.patients import PatientDirectory
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.routes import Routes
from tandem.fhir.validation import validator
from tandem.fhir.work import ServiceWork
from tandem.fhir.writing import WriteContext, Writing
from tandem.identity.caller import ALL_LETTERS, Caller, service_caller
from tandem.identity.derivation import derive
from tandem.ids import RandomIds
from tandem.london_days import day_number
from tandem.nhs.value_set import Member, ValueSet
from tandem.record_facts.fact import Fact

BASE = "http://localhost/fhir"
START = datetime(2020, 7, 1, 8, tzinfo=UTC)
FOREVER = 253_402_300_800_000_000
NETWORK, PRACTICE, SECOND, OTHER, COMMISSIONER = "U11111", "A00001", "A00002", "B00001", "QQ1"
SMR = tuple(duties()["SMR"].must_consider)
AC = ("anticipatory-care", "rising-risk", "predicted-substantial-change")
TOOL_SET = "qof-prescribing-safety"

_DEFINITION = """
id: {cohort}
version: "{version}"
title: {cohort}
description: People with one code.
service: {service}
status: local
source: A test
parameters: {{times: 1}}
members:
  recorded: {{any_of: [{value_set}], times: $times}}
rank:
  - points: 40
    because: Fell
    when: {{recorded: {{any_of: [fell]}}}}
"""


def definition(cohort: str, service: str, version: str = "1", value_set: str | None = None) -> str:
    return _DEFINITION.format(cohort=cohort, service=service, version=version, value_set=value_set or cohort)


class Cohorts:
    """The service without transport: `call` asks its routes, `records` puts facts, `job` runs the next job."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = SettableClock(START)
        self._numbers = count(1)
        patients, ids = PatientDirectory(), RandomIds()
        self.writing = Writing(service, database, self.clock, ids, patients, BASE, lambda: None)
        self.writing.work_factory = self._work
        self.kernel = Kernel(
            service, database, self.clock, ids, validator(), patients, self.writing, BASE, b"a secret of these tests"
        )

    def _work(self, connection: Any, context: WriteContext, now: datetime) -> ServiceWork:
        own = replace(context, caller=service_caller(service.name))
        return ServiceWork(connection, self.writing, self.kernel.validator, own, now, service.name)

    def work(self, connection: Any) -> ServiceWork:
        own = service_caller(service.name)
        return self._work(connection, WriteContext(own, own.organisation, None, None), self.clock.now())

    async def settle(self) -> None:
        """Organisations, memberships and definitions."""
        cohorts = [(each, "SMR") for each in SMR] + [(each, "AC") for each in AC]
        sets = [_value_set(each) for each, _ in cohorts] + [_value_set("fell")]
        async with self.database.transaction() as connection:
            await install(self.work(connection), sets, {f"{each}.yaml": definition(each, of) for each, of in cohorts})
        kinds = {NETWORK: "network", PRACTICE: "practice", SECOND: "practice", OTHER: "practice",
                 COMMISSIONER: "commissioner", "RXP": "community-provider"}  # fmt: skip
        for code, kind in kinds.items():
            await self.execute(
                "INSERT INTO organisation (id, code, kind, active) VALUES ($1, $2, $3, 1)", f"org-{code}", code, kind
            )
        for holder, member in ((NETWORK, PRACTICE), (NETWORK, SECOND), (COMMISSIONER, NETWORK)):
            await self.join(holder, member)

    async def install(self, *texts: str) -> None:
        async with self.database.transaction() as connection:
            await install(self.work(connection), [], {f"{text.split()[1]}.yaml": text for text in texts})

    async def join(self, holder: str, member: str) -> None:
        await self.execute(
            "INSERT INTO membership (id, holder_reference, member_reference, holder, member, starts, ends)"
            " VALUES ($1, $2, $3, $2, $3, 0, $4)", f"m{next(self._numbers)}", holder, member, FOREVER,
        )  # fmt: skip

    async def register(self, patient: str, practice: str, number: str | None = None, **facts: date) -> None:
        """A person with facts: value set (underscores for hyphens) -> the day."""
        async with self.database.transaction() as connection:
            await connection.execute(
                "INSERT INTO patient (id, practice, nhs_number) VALUES ($1, $2, $3)", patient, practice, number
            )
            await derive(connection, "p.id = $1", patient)
            await write_person(connection, patient, Person(None, None, None, None))
        for name, day in facts.items():
            await self.records(patient, name.replace("_", "-"), day)

    async def records(self, patient: str, code: str, day: date) -> None:
        fact = Fact(SNOMED_CT, code, day_number(day))
        async with self.database.transaction() as connection:
            reference = f"Condition/{next(self._numbers)}"
            await write_facts(connection, Concepts(), [RecordFacts(reference, patient, [fact])])

    async def execute(self, sql: str, *params: Any) -> None:
        async with self.database.transaction() as connection:
            await connection.execute(sql, *params)

    async def rows(self, sql: str, *params: Any) -> list[dict[str, Any]]:
        async with self.database.read() as connection:
            return [dict(row) for row in await connection.fetch(sql, *params)]

    async def count(self, table: str) -> int:
        return int((await self.rows(f"SELECT COUNT(*) AS n FROM {table}"))[0]["n"])

    async def call(
        self, organisation: str, path: str, body: Any = None, *, operator: bool = False, **headers: str
    ) -> FhirResponse:
        """GET, or POST of a Parameters body: pairs of name and value."""
        caller = Caller(organisation, scopes={"*": ALL_LETTERS}, operator=operator)
        content = b"" if body is None else encode(body if isinstance(body, dict) else parameters(*body))
        address, _, query = path.partition("?")
        request = FhirRequest(
            "GET" if body is None else "POST", address, query, headers, content, BASE, "request", "correlation", caller
        )
        return await Routes(self.kernel).answer(request)

    async def ask(self, organisation: str, path: str, body: Any = None, *, operator: bool = False) -> dict[str, Any]:
        """The resource of a call that succeeds."""
        answer = await self.call(organisation, path, body, operator=operator)
        assert answer.status == 200, answer.body
        resource: dict[str, Any] = decode(answer.body)
        return resource

    async def fire_due(self) -> None:
        """Fire every timed event that is due by the clock."""

        def of_event(connection: Any, event: Event) -> ServiceWork:
            return self.work(connection)

        lease = Lease(self.database, "due", holder="test")
        await DueScanner(self.database, service.name, self.clock, service.timers, of_event, lease).fire_due()

    def jobs(self, holder: str = "one", **more: Any) -> JobRunner:
        return JobRunner(self.database, operation_jobs(self.kernel), service.name, holder=holder, **more)


def parameters(*pairs: tuple[str, Any]) -> dict[str, Any]:
    """Parameters of pairs: booleans, parts (a list of pairs) and texts."""
    return {"resourceType": "Parameters", "parameter": [_parameter(name, value) for name, value in pairs]}


def _parameter(name: str, value: Any) -> dict[str, Any]:
    if isinstance(value, list):
        return {"name": name, "part": [_parameter(*each) for each in value]}
    return {"name": name, ("valueBoolean" if isinstance(value, bool) else "valueString"): value}


def values(resource: dict[str, Any], name: str) -> list[Any]:
    """The values of the parameters of this name; parts as a dictionary, of several of one name the last."""
    found = []
    for each in resource.get("parameter", resource.get("part", ())):
        if each["name"] == name:
            found.append(_value(each))
    return found


def _value(parameter: dict[str, Any]) -> Any:
    if "part" in parameter:
        return {each["name"]: _value(each) for each in parameter["part"]}
    return next(value for key, value in parameter.items() if key != "name")


def counts(resource: dict[str, Any]) -> dict[str, int]:
    """Cohort -> count."""
    return {each["cohort"]: each["count"] for each in values(resource, "cohort")}


def _value_set(name: str) -> ValueSet:
    return ValueSet(name, "1", name, "A test", None, (Member(SNOMED_CT, name, name),))
