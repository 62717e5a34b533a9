"""What is asked of a network from when, as cohort-service, which keeps the catalogue, tells of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tandem.canonical import REQUIREMENT_INTRODUCTION
from tandem.fhir.body import Resource

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


@dataclass(frozen=True, slots=True)
class Asked:
    """A requirement as it stands with the network; `national` is the first day of its phase, where it has one."""

    canonical: str
    text: str
    state: str
    first: date | None
    last: date | None
    switched: bool
    national: date | None

    def holds_on(self, day: date) -> bool:
        """Whether it is in force on a day, as far as the span goes in which it stands."""
        if self.state == "announced":
            return False
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)


async def requirements_asked(call: OperationCall, network: str, service: str, day: date) -> list[Asked]:
    """All requirements of a service in the catalogue of a network (a code) as of a day, the first to begin first.

    Raises FhirError 503 when cohort-service cannot be asked.
    """
    of = f"network={quote(network, safe='')}&date={day.isoformat()}&service={service}"
    path = f"PlanDefinition/$introduction?{of}"
    found = await call.kernel.neighbours.searchset("cohort-service", path, call.request)
    return sorted(map(_asked, found), key=lambda each: (each.first or date.min, each.canonical))


def _asked(plan: Resource) -> Asked:
    [said] = [each["extension"] for each in plan["extension"] if each["url"] == REQUIREMENT_INTRODUCTION]
    named: dict[str, Any] = {each["url"]: each for each in said}
    return Asked(
        f"{plan['url']}|{plan['version']}", plan["description"], named["state"]["valueCode"],
        _day(named.get("from", {}).get("valueDate")), _day(named.get("until", {}).get("valueDate")),
        named["switched"]["valueBoolean"], _day(plan.get("effectivePeriod", {}).get("start")),
    )  # fmt: skip


def _day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text is not None else None
