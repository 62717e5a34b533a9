"""careplan-service behind its routes, with a person and several organisations that may see her record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from careplan_service.service import service
from tandem.canonical import SNOMED_CT
from tandem.clock import SettableClock
from tandem.database.connection import Database
from tandem.fhir.body import decode, encode
from tandem.fhir.kernel import Kernel
from tandem.fhir.patients import PatientDirectory
from tandem.fhir.request import FhirRequest
from tandem.fhir.routes import Routes
from tandem.fhir.validation import validator
from tandem.fhir.work import ServiceWork
from tandem.fhir.writing import WriteContext, Writing
from tandem.identity.caller import ALL_LETTERS, Caller, service_caller
from tandem.ids import RandomIds

BASE = "http://localhost/fhir"
PRACTICE = "A00001"
PERSON = {"reference": "Patient/p1"}
FOREVER = 253_402_300_800_000_000


class PlanService:
    """`call` asks as an organisation: the status and the body of the answer."""

    def __init__(self, database: Database) -> None:
        self.database = database
        clock, ids, patients = SettableClock(datetime(2020, 7, 1, 8, tzinfo=UTC)), RandomIds(), PatientDirectory()
        writing = Writing(service, database, clock, ids, patients, BASE, lambda: None)
        kernel = Kernel(service, database, clock, ids, validator(), patients, writing, BASE, b"a secret of these tests")

        def work(connection: Any, context: WriteContext, now: datetime) -> ServiceWork:
            own = replace(context, caller=service_caller(service.name))
            return ServiceWork(connection, writing, kernel.validator, own, now, service.name)

        writing.work_factory = work
        self._routes = Routes(kernel)
        self._numbers = count(1)

    async def settle(self, *organisations: str) -> None:
        """The person is registered with the practice, and these may see her record too."""
        async with self.database.transaction() as connection:
            await connection.execute("INSERT INTO patient (id, practice) VALUES ('p1', $1)", PRACTICE)
            for code in (PRACTICE, *organisations):
                reason = "registered" if code == PRACTICE else "agreement"
                await connection.execute(
                    "INSERT INTO access (patient, organisation, reason, starts, ends) VALUES ('p1', $1, $2, 0, $3)",
                    code, reason, FOREVER,
                )  # fmt: skip

    async def call(
        self, organisation: str, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """Header names are written with underscores."""
        caller = Caller(organisation, scopes={"*": ALL_LETTERS})
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        sent.setdefault("content-type", "application/json-patch+json" if method == "PATCH" else "application/fhir+json")
        address, _, query = path.partition("?")
        request = FhirRequest(
            method, address, query, sent, b"" if body is None else encode(body), BASE, f"r{next(self._numbers)}",
            "correlation", caller,
        )  # fmt: skip
        answer = await self._routes.answer(request)
        return answer.status, decode(answer.body) if answer.body else {}

    async def draft(self) -> str:
        """A shared plan: its id."""
        status, plan = await self.call(PRACTICE, "POST", "CarePlan", {
            "resourceType": "CarePlan", "status": "draft", "intent": "plan", "subject": PERSON,
            "category": [{"coding": [{"system": SNOMED_CT, "code": "2181441000000107"}]}],
        })  # fmt: skip
        assert status == 201, plan
        return str(plan["id"])
