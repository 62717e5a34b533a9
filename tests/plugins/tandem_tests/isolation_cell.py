"""A caller at a way to a person's record, and what came of it in one word.

Words: an HTTP status; `seen` or `nothing` of a person's record; what became of a record (`kept`, `gone`); `own` or
`others` for whose doings an audit trail shows.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from itertools import count
from typing import Any

import httpx

from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.neighbourhood import MARK, Neighbourhood

NAMES = count(1)


@dataclass(frozen=True, slots=True)
class Kept:
    """What is kept about the person: ids."""

    observation: str
    plan: str
    group: str
    task: str
    job: str
    """A load that the practice did."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One caller at one route. `role` is the caller's, `client` acts for it, `practice` for the person's practice."""

    here: Neighbourhood
    kept: Kept
    role: str
    client: FhirClient
    practice: FhirClient

    async def new(self) -> tuple[str, str]:
        """A fresh Observation by the practice: `Observation/id`, and the value to find it by."""
        value = f"record-{next(NAMES)}"
        made = await self.practice.create(self.here.observation(value))
        return f"Observation/{made['id']}", value

    async def remains(self, reference: str) -> str:
        """Whether a record is still what the practice wrote."""
        answer = await self.practice.request("GET", reference)
        return "kept" if answer.status_code == 200 and answer.json()["meta"]["versionId"] == "1" else "gone"


Route = Callable[[Cell], Awaitable[str]]
ROUTES: dict[str, Route] = {}


def route(name: str) -> Callable[[Route], Route]:
    """Keep a way to the record under its name; the ways are tried in the order in which they are kept."""

    def keep(way: Route) -> Route:
        ROUTES[name] = way
        return way

    return keep


def shown(answer: httpx.Response, cell: Cell) -> str:
    """`seen` when the answer holds anything about the person, `nothing` when it does not."""
    signs = (MARK, cell.here.person, cell.here.nhs_number, cell.kept.plan)
    if answer.status_code >= 400:
        assert MARK not in answer.text
        assert cell.here.nhs_number not in answer.text
        return str(answer.status_code)
    body = answer.json()
    if body.get("resourceType") == "Bundle":
        # The link of a page repeats what was asked; the entries and the total are what was found.
        text = json.dumps(body.get("entry", []))
        found = body["type"] == "searchset" and body.get("total", 0) > 0
    else:
        text, found = answer.text, False
    return "seen" if found or any(sign in text for sign in signs) else "nothing"


async def bundle(cell: Cell, kind: str, *requests: tuple[str, str, Resource | None]) -> list[dict[str, Any]] | str:
    """Send a batch or transaction: its answered entries, or the status of a refusal."""
    entries = [
        {**({"resource": resource} if resource else {}), "request": {"method": method, "url": url}}
        for method, url, resource in requests
    ]
    answer = await cell.client.request("POST", "", {"resourceType": "Bundle", "type": kind, "entry": entries})
    if answer.status_code >= 400:
        return str(answer.status_code)
    found: list[dict[str, Any]] = answer.json()["entry"]
    return found
