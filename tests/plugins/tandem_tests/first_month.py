"""A resident's first month in a care home, step by step, as the systems of everybody around her send it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from tandem.demo.client import FhirClient, Refused
from tandem.fhir.body import Resource
from tandem_tests.mdt_meetings import reference
from tandem_tests.network_area import Area, parameters

Step = Callable[[], Awaitable[Any]]
Together = Callable[..., Awaitable[None]]


async def in_order(*steps: Step) -> None:
    """One after another, as they are told."""
    for step in steps:
        await step()


async def backwards(*steps: Step) -> None:
    """The last one first."""
    await in_order(*reversed(steps))


async def at_once(*steps: Step) -> None:
    """All under way together."""
    await asyncio.gather(*(step() for step in steps))


@dataclass(slots=True)
class FirstMonth:
    """The story of one resident; `together` runs steps whose order is free. References by name in `known`."""

    area: Area
    together: Together = in_order
    sender: type[FhirClient] = FhirClient
    staff: dict[str, str] = field(default_factory=dict)
    works_for: dict[str, str] = field(default_factory=dict)
    known: dict[str, str] = field(default_factory=dict)

    # Who sends, and how.

    def client(self, name: str, user: str | None = None) -> FhirClient:
        """A client in the name of an organisation, and of a person who is signed in there."""
        claims: dict[str, Any] = {"purpose": "TREAT"} | ({"user": user} if user else {})
        token = self.area.system.token(self.area.codes[name], **claims)
        return self.sender(self.area.http, self.area.system.url, token)

    async def caught_up(self) -> None:
        """Wait until everybody has heard everything."""
        await self.area.client("operator").caught_up()

    @property
    def person(self) -> str:
        """Her Patient.id."""
        return self.known["person"].partition("/")[2]

    @property
    def subject(self) -> dict[str, str]:
        """A Reference to her."""
        return reference(self.known["person"])

    @property
    def plan(self) -> str:
        """`CarePlan/id`."""
        return self.known["plan"]

    def name_of(self, named: dict[str, Any] | None) -> str:
        """Whom a Reference names: an organisation, or somebody of the staff."""
        value = str((named or {}).get("identifier", {}).get("value") or (named or {}).get("reference"))
        everybody = {
            **{code: name for name, code in self.area.codes.items()},
            **{f"Organization/{id_}": name for name, id_ in self.area.ids.items()},
            **{literal: name for name, literal in self.staff.items()},
        }  # fmt: skip
        return everybody.get(value, value)

    async def enter(self, by: str, name: str, resource: Resource) -> Resource:
        """Create a record once under an identifier of the sender; it is `known` by its name."""
        value = f"{self.area.number}-{name}"
        mark: Any = {"system": "urn:example:records", "value": value}
        if resource["resourceType"] != "QuestionnaireResponse":
            mark = [*resource.get("identifier", []), mark]
        made = await self.client(by).call(
            "POST", resource["resourceType"], {**resource, "identifier": mark},
            If_None_Exist=f"identifier=urn:example:records|{value}",
        )  # fmt: skip
        self.known[name] = f"{made['resourceType']}/{made['id']}"
        return made

    async def change(self, by: str, literal: str, alter: Callable[[Resource], Resource]) -> Resource:
        """Read, alter and PUT with If-Match; again from the start when somebody else was faster."""
        client = self.client(by)
        while True:
            held = await client.read(literal)
            try:
                return await client.call("PUT", literal, alter(held), If_Match=f'W/"{held["meta"]["versionId"]}"')
            except Refused as refused:
                if refused.status != 412:
                    raise

    async def move(self, by: str, literal: str, *statuses: str, **more: Any) -> None:
        """Take a record through statuses; `more` comes with the last one."""
        for status in statuses:
            following = {"status": status, **(more if status == statuses[-1] else {})}
            await self.change(by, literal, partial(_with, following))

    async def post(self, by: str, path: str, *sent: dict[str, Any], user: str | None = None) -> Resource:
        """An operation with Parameters."""
        return await self.client(by, user).call("POST", path, parameters(*sent))


def _with(values: dict[str, Any], held: Resource) -> Resource:
    return {**held, **values}
