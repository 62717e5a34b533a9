"""The ways to urgent responses and the clocks of requests: rows of `isolation_operations`."""

from __future__ import annotations

from typing import Any

from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place
from tandem_tests.urgent_referrals import urgent_request


async def keep(place: Place, practice: FhirClient) -> None:
    """A referral for crisis response."""
    made = await practice.create(urgent_request(place.here))
    place.kept["urgent-referral"] = made["id"]
    await practice.caught_up()


def _row(name: str, *sent: tuple[str, Any], query: str = "") -> None:
    """A row: `@person` stands for the person."""
    method, _, address = name.partition(" ")

    async def ask(asking: Asking) -> str:
        person = f"Patient/{asking.place.here.person}"
        path = (address + query).replace("[id]", asking.place.kept["urgent-referral"]).replace("@person", person)
        if method == "GET":
            return await asking.get(path)
        return await asking.post(path, *((each, person if value == "@person" else value) for each, value in sent))

    OPERATIONS[name] = ask


_row("GET ServiceRequest/$clocks", query="?kind=two-hour-response")
_row("GET ServiceRequest/[id]/$clocks")
_row("POST ServiceRequest/$assess-urgent-response", ("patient", "@person"), ("purpose", "none"))
_row("GET ServiceRequest/$urgent-response-assessments", query="?patient=@person")
_row("POST ServiceRequest/[id]/$record-response")
_row("POST ServiceRequest/[id]/$record-breach-reason", ("reason", "capacity"))
_row("GET ServiceRequest/$urgent-board")
