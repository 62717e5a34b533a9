"""A practice that takes part in proactive coordinated primary care, with its commissioner, through the API alone."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.case_register import CaseRegister, case_register_of_new_practice, parts
from tandem_tests.network_area import parameters, part, values
from tandem_tests.running import EmbeddedTandem

OUTCOMES = (
    "well-managed-at-home", "high-quality-of-care", "person-centred-care", "choice-and-control", "quality-of-life",
    "disease-impact",
)  # fmt: skip
INDICATORS = (
    "register-signed-off", "register-reviewed", "named-professionals", "single-care-plan", "emergency-attendances",
    "emergency-admissions", "confidence", "multidisciplinary-meetings", "referrals-elsewhere",
    "enriched-summary-consents",
)  # fmt: skip
BEFORE_THE_SCHEME = "2016-09-12"


def intervention(name: str, **said: str) -> dict[str, Any]:
    """An `intervention` row with these texts."""
    return part("intervention", part("name", valueString=name),
                *(part(each, valueString=text) for each, text in said.items()))  # fmt: skip


def additional(name: str) -> dict[str, Any]:
    """An intervention that says how it is additional."""
    return intervention(
        name, description="Visits to people at home", beyondCore="Core services have no planned visits of this length",
        beyondAdmissionsScheme="It reaches people without an admission",
    )  # fmt: skip


def benefits(*outcomes: str) -> list[dict[str, Any]]:
    """An `outcome` row with benefit and quality for each."""
    return [
        part("outcome", part("name", valueString=each), part("benefit", valueString="Fewer calls at night"),
             part("quality", valueString="People say who helps them"))
        for each in outcomes
    ]  # fmt: skip


def statements(*indicators: str) -> list[dict[str, Any]]:
    """An `indicator` row for each, as a practice states what nobody could count."""
    return [
        part("indicator", part("name", valueString=each), part("statement", valueString="Nobody was asked yet"))
        for each in indicators
    ]  # fmt: skip


def issues(refused: Refused) -> dict[str, str]:
    """The texts of a refusal by their expressions."""
    return {(each.get("expression") or [""])[0]: each["diagnostics"] for each in refused.outcome["issue"]}


class CoordinatedCare:
    """One practice with its case register; `role` is practice, network, commissioner, other or operator."""

    def __init__(self, register: CaseRegister, http: httpx.AsyncClient, system: EmbeddedTandem) -> None:
        self.register, self.here = register, register.here
        self._http, self._system = http, system

    @property
    def practice(self) -> str:
        """The code of the practice."""
        return self.here.codes["practice"]

    def client(self, role: str) -> FhirClient:
        """A client in the name of an organisation."""
        return self.here.client(self._http, role)

    async def get(self, role: str, operation: str, query: str = "") -> Resource:
        """GET an operation (`Measure/$payment-schedule`) for the practice."""
        return await self.client(role).call("GET", f"{operation}?practice={self.practice}{query}")

    async def post(self, role: str, operation: str, *posted: dict[str, Any]) -> Resource:
        """POST one for the practice."""
        body = parameters(part("practice", valueString=self.practice), *posted)
        return await self.client(role).call("POST", operation, body)

    async def refusal(self, role: str, operation: str, *posted: dict[str, Any]) -> Refused:
        """The refusal of a post."""
        with pytest.raises(Refused) as refused:
            await self.post(role, operation, *posted)
        return refused.value

    async def report(self, period: str, role: str = "practice") -> dict[str, list[Any]]:
        """A quarterly report: by name, the values of its parameters."""
        return by_name(await self.get(role, "MeasureReport/$practice-report", f"&period={period}"))

    async def write(self, period: str, *rows: dict[str, Any]) -> Resource:
        """The practice writes rows of a report."""
        return await self.post("practice", "MeasureReport/$practice-report", part("period", valueDate=period), *rows)

    async def complete(self, period: str) -> Resource:
        """The practice submits a report with everything that it has to have."""
        gaps = [parts(each)["what"] for each in (await self.report(period)).get("gap", [])]
        missing = [each.removeprefix("indicator:") for each in gaps if each.startswith("indicator:")]
        return await self.write(
            period, additional("Planned visits"), *benefits(*OUTCOMES), *statements(*missing),
            part("submit", valueBoolean=True),
        )  # fmt: skip

    async def move_to(self, day: str) -> None:
        """The clock goes on to the morning of a day, and everything that is due has happened."""
        headers = {"Authorization": f"Bearer {self._system.token('T0001', operator=True)}"}
        moved = await self._http.post(
            f"{self._system.url}/clock", json={"now": f"{day}T09:00:00+01:00"}, headers=headers
        )
        assert moved.status_code == 200, moved.text
        await self.register.lists.client.caught_up()


def by_name(answer: Resource | list[dict[str, Any]]) -> dict[str, list[Any]]:
    """The values, or the parts, of all parameters by name."""
    listed = answer if isinstance(answer, list) else answer.get("parameter", [])
    return {each["name"]: values(listed, each["name"]) for each in listed}


def named(rows: list[Any], name: str, of: str = "name") -> dict[str, list[Any]]:
    """The row of this name, by the names of its parts."""
    [found] = [each for row in rows if (each := by_name(row)).get(of) == [name]]
    return found


async def coordinated_care(http: httpx.AsyncClient, system: EmbeddedTandem) -> CoordinatedCare:
    """A practice in a neighbourhood of its own."""
    return CoordinatedCare(await case_register_of_new_practice(http, system), http, system)
