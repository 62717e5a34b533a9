"""A practice with a case register, and what the operations on it answer, through the API alone."""

from __future__ import annotations

from typing import Any

import httpx

from tandem.demo.client import FhirClient
from tandem.fhir.body import Resource
from tandem_tests.network_area import parameters, part, values
from tandem_tests.practice_lists import PracticeLists, practice_lists
from tandem_tests.running import EmbeddedTandem


class CaseRegister:
    """The register of one practice; `role` is practice, network, commissioner, other or operator."""

    def __init__(self, lists: PracticeLists, http: httpx.AsyncClient) -> None:
        self.lists, self.here, self._http = lists, lists.here, http

    def client(self, role: str) -> FhirClient:
        return self.here.client(self._http, role)

    def path(self, operation: str) -> str:
        return f"Organization/{self.here.organizations['practice']}/${operation}"

    async def post(self, role: str, operation: str, *posted: dict[str, Any]) -> Resource:
        """POST an operation of the practice."""
        return await self.client(role).call("POST", self.path(operation), parameters(*posted))

    async def get(self, role: str, operation: str, query: str = "") -> Resource:
        """GET one."""
        return await self.client(role).call("GET", self.path(operation) + query)

    async def enter(self, *people: str, source: str = "clinical-judgement") -> None:
        """The practice puts people on the register."""
        await self.post("practice", "case-register-entry", *(entry(each, source) for each in people))

    async def count_list(self, registered: int, day: str = "2020-04-01") -> None:
        """The commissioner records how many people are registered."""
        sizes = part("list-size", part("date", valueDate=day), part("registered", valueInteger=registered))
        await self.post("commissioner", "list-size", sizes)

    async def check(self, register: str, role: str = "practice") -> dict[str, Any]:
        """How a register stands against its floor."""
        await self.lists.client.caught_up()
        checks = [parts(each) for each in values(await self.get(role, "case-register"), "check")]
        [found] = [each for each in checks if each["register"] == register]
        return found

    async def entries(self, query: str = "?_count=1000") -> dict[str, dict[str, Any]]:
        """The entries by person: their single parts, and `sources` by code."""
        await self.lists.client.caught_up()
        found = {}
        for each in values(await self.get("practice", "case-register", query), "entry"):
            shown = parts(each)
            shown["sources"] = {parts(source)["source"]: parts(source) for source in values(each, "source")}
            person = shown["patient"]["reference"].removeprefix("Patient/")
            assert person not in found, "each person stands once"
            found[person] = shown
        return found


def parts(listed: list[dict[str, Any]]) -> dict[str, Any]:
    """The last value of each part by its name."""
    return {each["name"]: next(value for key, value in each.items() if key != "name") for each in listed}


def entry(patient: str, *sources: str, **more: str) -> dict[str, Any]:
    """An `entry` of a person."""
    named = [part("source", valueCode=each) for each in sources]
    texts = [part(name, valueString=value) for name, value in more.items()]
    return part("entry", part("patient", valueReference={"reference": f"Patient/{patient}"}), *named, *texts)


async def case_register_of_new_practice(http: httpx.AsyncClient, system: EmbeddedTandem) -> CaseRegister:
    """A practice in a neighbourhood of its own."""
    return CaseRegister(await practice_lists(http, system), http)
