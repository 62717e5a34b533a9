"""One service behind its FHIR endpoint, as a client meets it over HTTP; once on SQLite and once on PostgreSQL."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import httpx
import pytest
from sqlalchemy import MetaData

from tandem.canonical import AFFILIATION_ROLE, AGREEMENT_SIGNATURE, NHS_NUMBER, ODS_CODE, ORGANISATION_TYPE
from tandem.clock import SettableClock
from tandem.database.connection import Database, open_database
from tandem.fhir.asgi import FhirEndpoint
from tandem.fhir.body import encode
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import NHS_ERROR_SYSTEM, FhirError, Kind
from tandem.fhir.ownership import OWNED_TYPES
from tandem.fhir.patients import PatientDirectory
from tandem.fhir.routes import Routes
from tandem.fhir.validation import validator
from tandem.fhir.work import ServiceWork
from tandem.fhir.writing import WriteContext, Writing
from tandem.identity.caller import ALL_LETTERS, Caller, service_caller
from tandem.ids import RandomIds
from tandem.service import Reaction, ResourceType, Rule, Service
from tandem_tests.kernel_tables import KernelDatabase

BASE = "http://tandem.test/fhir"
START = datetime(2020, 7, 1, 8, tzinfo=UTC)
OWNERS = ("cohort-service", "careplan-service", "mdt-service")
VERSIONED = ("CarePlan", "Goal", "CareTeam")
MAX_BODY = 21 * 1024 * 1024
PRACTICE, OTHER_PRACTICE, PROVIDER, COMMISSIONER, OPERATOR = "A81001", "B82002", "RXX01", "QHM", "operator"
COUNTED = (
    "resource",
    "log",
    "outbox",
    "audit",
    "search_token",
    "search_date",
    "search_string",
    "search_number",
    "patient",
)

CALLERS = {
    code: Caller(code, {"*": ALL_LETTERS}) for code in (PRACTICE, OTHER_PRACTICE, PROVIDER, "RYY02", COMMISSIONER,
        "U12345")
} | {
    OPERATOR: Caller("RROP", {"*": ALL_LETTERS}, operator=True),
    "service": service_caller("mdt-service"),
    "reader": Caller(PRACTICE, {"Task": frozenset("rs")}),
    "creator": Caller(PRACTICE, {"Task": frozenset("c"), "Observation": frozenset("c")}),
    "nobody": Caller(PRACTICE, {}),
}  # fmt: skip


async def verify(header: str | None) -> Caller:
    """A bearer token of these tests is the name of a caller."""
    caller = CALLERS.get((header or "").removeprefix("Bearer "))
    if caller is None:
        raise FhirError(Kind.UNAUTHORIZED)
    return caller


def written(value: Any) -> bytes:
    """JSON text with decimals as they are."""
    return encode(value)


def refused(response: httpx.Response, status: int, expression: str | None = None) -> list[dict[str, Any]]:
    """Check that a response is a refusal as every refusal must be; answers its issues."""
    assert response.status_code == status, f"{response.status_code}: {response.text[:600]}"
    assert response.headers["content-type"] == "application/fhir+json"
    assert response.headers["x-request-id"]
    assert response.headers["x-correlation-id"]
    return checked_outcome(response.json(), expression)


def checked_outcome(outcome: dict[str, Any], expression: str | None = None) -> list[dict[str, Any]]:
    """Check an OperationOutcome of a refusal; answers its issues."""
    assert outcome["resourceType"] == "OperationOutcome"
    issues: list[dict[str, Any]] = outcome["issue"]
    assert issues
    assert issues[0]["severity"] == "error"
    for issue in issues:
        # A stale write is told what changed, as information beside the refusal.
        assert issue["severity"] in ("error", "information")
        assert issue["code"]
        assert issue["details"]["coding"][0]["system"] == NHS_ERROR_SYSTEM
        assert issue["details"]["coding"][0]["code"].startswith("REC_")
        assert issue["details"]["text"]
    if expression is not None:
        assert expression in [one for issue in issues for one in issue.get("expression", [])], issues
    return issues


_numbers = count(1)


def nhs_number() -> str:
    """A valid NHS number out of the range that is for tests (999…), another each time."""
    while True:
        digits = f"999{next(_numbers):06d}"
        check = 11 - sum(int(digit) * weight for digit, weight in zip(digits, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return digits + str(check % 11)


def ods(code: str) -> dict[str, Any]:
    """A Reference to an organisation by its ODS code."""
    return {"type": "Organization", "identifier": {"system": ODS_CODE, "value": code}}


def patient(number: str | None = None, **rest: Any) -> dict[str, Any]:
    """A Patient with an NHS number."""
    identifier = {"system": NHS_NUMBER, "value": number or nhs_number()}
    return {"resourceType": "Patient", "identifier": [identifier], "name": [{"family": "Marlow"}], **rest}


def about(person: Mapping[str, Any]) -> dict[str, str]:
    """A Reference to a stored Patient."""
    return {"reference": f"Patient/{person['id']}"}


def task(person: Mapping[str, Any] | None = None, **rest: Any) -> dict[str, Any]:
    """A minimal Task, about a person if one is given."""
    resource = {"resourceType": "Task", "status": "requested", "intent": "order"}
    return {**resource, **({"for": about(person)} if person else {}), **rest}


def observation(person: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    """An Observation about a person."""
    return {
        "resourceType": "Observation",
        "status": "final",
        "code": {"text": "Weight"},
        "subject": about(person),
        **rest,
    }


def care_plan(person: Mapping[str, Any], **rest: Any) -> dict[str, Any]:
    """A CarePlan about a person."""
    return {"resourceType": "CarePlan", "status": "active", "intent": "plan", "subject": about(person), **rest}


def organisation(code: str, kind: str) -> dict[str, Any]:
    """An Organization of a kind."""
    coding = {"system": ORGANISATION_TYPE, "code": kind}
    return {"resourceType": "Organization", "active": True, "name": kind, "type": [{"coding": [coding]}],
            "identifier": [{"system": ODS_CODE, "value": code}]}  # fmt: skip


def agreement(holder: str, member: str, role: str = "sharing-agreement") -> dict[str, Any]:
    """An OrganizationAffiliation that both parties have signed."""

    def signature(party: str) -> dict[str, Any]:
        parts = [{"url": "party", "valueReference": ods(party)}, {"url": "signed", "valueDateTime": "2020-01-01"}]
        return {"url": AGREEMENT_SIGNATURE, "extension": parts}

    return {
        "resourceType": "OrganizationAffiliation", "active": True, "organization": ods(holder),
        "participatingOrganization": ods(member), "extension": [signature(holder), signature(member)],
        "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": role}]}],
    }  # fmt: skip


def exact(response: httpx.Response) -> Any:
    """The JSON of a response with decimals as decimals."""
    return json.loads(response.content, parse_float=Decimal)


@dataclass
class Server:
    """A service and a client that speaks to it, with what its tests send and check."""

    patient = staticmethod(patient)
    task = staticmethod(task)
    observation = staticmethod(observation)
    care_plan = staticmethod(care_plan)
    organisation = staticmethod(organisation)
    agreement = staticmethod(agreement)
    about = staticmethod(about)
    ods = staticmethod(ods)
    nhs_number = staticmethod(nhs_number)
    refused = staticmethod(refused)
    checked_outcome = staticmethod(checked_outcome)
    exact = staticmethod(exact)
    written = staticmethod(written)

    database: Database
    clock: SettableClock
    kernel: Kernel
    endpoint: FhirEndpoint
    http: httpx.AsyncClient

    async def send(
        self, method: str, path: str, body: Any = None, *, by: str = PRACTICE, **headers: str
    ) -> httpx.Response:
        """One request. `body` is bytes or a value that becomes JSON; header names are written with underscores."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        named = {"authorization": f"Bearer {by}", "content-type": "application/fhir+json", **named}
        content = body if isinstance(body, bytes) else None if body is None else written(body)
        return await self.http.request(method, f"{BASE}/{path}" if path else BASE, content=content, headers=named)

    async def raw(
        self, method: str, path: str, raw_path: bytes, query: bytes = b"", body: bytes = b""
    ) -> tuple[int, Any]:
        """A request whose path no client library has tidied up; answers the status and the JSON body."""
        sent: list[Any] = []

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Any) -> None:
            sent.append(message)

        headers = [(b"authorization", f"Bearer {PRACTICE}".encode()), (b"content-type", b"application/fhir+json")]
        scope = {"type": "http", "method": method, "path": path, "raw_path": raw_path, "root_path": "/fhir",
                 "query_string": query, "headers": headers}  # fmt: skip
        await self.endpoint(scope, receive, send)
        return sent[0]["status"], json.loads(sent[1]["body"] or b"null")

    async def create(self, resource: Mapping[str, Any], *, by: str = PRACTICE, **headers: str) -> dict[str, Any]:
        """POST that must succeed; answers the stored resource."""
        response = await self.send("POST", resource["resourceType"], resource, by=by, **headers)
        assert response.status_code == 201, response.text
        stored: dict[str, Any] = response.json()
        return stored

    async def counts(self) -> dict[str, int]:
        """How many rows stand in each table that a write touches."""
        async with self.database.read() as connection:
            return {table: await connection.fetchval(f"SELECT count(*) FROM {table}") for table in COUNTED}

    async def fetch(self, sql: str, *params: Any) -> list[dict[str, Any]]:
        """Rows as dictionaries."""
        async with self.database.read() as connection:
            return [dict(row) for row in await connection.fetch(sql, *params)]

    def declare(self, name: str, *, rules: tuple[Rule, ...] = (), reactions: tuple[Reaction, ...] = ()) -> None:
        """Give a type rules and reactions."""
        declared = replace(self.kernel.types[name], rules=rules, reactions=reactions)
        self.kernel.types[name] = self.kernel.writing._types[name] = declared


@pytest.fixture
async def server(kernel_database: KernelDatabase) -> AsyncIterator[Server]:
    """An empty service that keeps the types of three owners."""
    database = await open_database(kernel_database(), pool_size=8)
    names = [name for owner in OWNERS for name in OWNED_TYPES[owner]]
    types = tuple(ResourceType(name, versioned_update=name in VERSIONED) for name in names)
    service = Service("cohort-service", types, MetaData(), "")
    clock, ids, patients = SettableClock(START), RandomIds(), PatientDirectory()
    writing = Writing(service, database, clock, ids, patients, BASE, lambda: None)
    kernel = Kernel(service, database, clock, ids, validator(), patients, writing, BASE, b"a secret of these tests" * 2)

    def work(connection: Any, context: WriteContext, now: datetime) -> ServiceWork:
        own = replace(context, caller=service_caller(service.name))
        return ServiceWork(connection, writing, kernel.validator, own, now, service.name)

    writing.work_factory = work
    endpoint = FhirEndpoint(
        service.name, Routes(kernel).answer, verify, ids, BASE, max_body=MAX_BODY, max_ingest=MAX_BODY
    )
    transport = httpx.ASGITransport(app=endpoint)
    async with httpx.AsyncClient(transport=transport) as client:
        yield Server(database, clock, kernel, endpoint, client)
    await database.close()


@dataclass
class Neighbourhood:
    """Two practices with a person each, a provider with an agreement and a part, and a commissioner."""

    person: dict[str, Any]
    stranger: dict[str, Any]


@pytest.fixture
async def neighbourhood(server: Server) -> Neighbourhood:
    """One person at each practice; the provider has an agreement with PRACTICE but no part in anyone's care yet."""
    for code, kind in (
        (PROVIDER, "community-provider"),
        (COMMISSIONER, "commissioner"),
        ("RYY02", "community-provider"),
    ):
        await server.create(organisation(code, kind), by=OPERATOR)
    await server.create(agreement(PRACTICE, PROVIDER), by=OPERATOR)
    person = await server.create(patient(), by=PRACTICE)
    stranger = await server.create(patient(), by=OTHER_PRACTICE)
    return Neighbourhood(person, stranger)
