"""Whether an organisation is known: here, else at cohort-service, which is asked once and may not answer."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.fhir.body import encode
from tandem.fhir.known_organisations import OrganisationDirectory
from tandem.fhir.neighbours import Neighbour
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.ids import RandomIds
from tandem.runtime.organisation_lookup import NeighbourOrganisations


class Cohort:
    """A cohort-service that holds what it is told to."""

    def __init__(self, total: int | None, status: int = 200) -> None:
        self.asked: list[str] = []
        self._answer = FhirResponse(status, encode({"resourceType": "Bundle", "total": total}))
        self._away = total is None

    async def send(self, request: FhirRequest) -> FhirResponse:
        self.asked.append(f"{request.path}?{request.query}")
        if self._away:
            raise FhirError(Kind.UNAVAILABLE)
        return self._answer


class Held:
    """A connection over a table of these codes and ids."""

    def __init__(self, *held: str) -> None:
        self._held = held

    async def fetchval(self, _: str, value: str) -> int | None:
        return 1 if value in self._held else None


def lookup(cohort: Neighbour | None) -> NeighbourOrganisations:
    return NeighbourOrganisations({"cohort-service": cohort} if cohort else {}, "referral-service", RandomIds())


async def knows(connection: Any, named: str, cohort: Neighbour | None) -> bool:
    return await OrganisationDirectory(lookup(cohort)).knows(connection, named)


@pytest.mark.parametrize("named", ["RC001", "Organization/RC001"])
async def test_what_is_known_here_is_not_asked_for(named: str) -> None:
    cohort = Cohort(0)
    assert await knows(Held("RC001"), named, cohort)
    assert cohort.asked == []


@pytest.mark.parametrize(("named", "query"), [
    ("Organization/o1", "_id=o1"),
    ("RC001", ("identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fods-organization-code%7CRC001%2Chttps%3A%2F%2Ffhir.nhs.uk"
     "%2FId%2Fods-organisation-code%7CRC001")),
    ("urn:charity|1,2", "identifier=urn%3Acharity%7C1%5C%2C2"),
])  # fmt: skip
async def test_cohort_service_is_asked_by_what_names_it(named: str, query: str) -> None:
    cohort = Cohort(1)
    assert await knows(Held(), named, cohort)
    assert cohort.asked == [f"Organization?{query}&_summary=count"]


async def test_what_nobody_has_is_not_known() -> None:
    assert not await knows(Held(), "RC001", Cohort(0))
    assert not await OrganisationDirectory().knows(Held(), "RC001")  # type: ignore[arg-type]


@pytest.mark.parametrize("cohort", [None, Cohort(None), Cohort(1, 500)], ids=["none", "away", "fails"])
async def test_without_an_answer_it_cannot_be_told(cohort: Neighbour | None) -> None:
    with pytest.raises(FhirError) as refused:
        await knows(Held(), "RC001", cohort)
    assert refused.value.kind is Kind.UNAVAILABLE
    assert refused.value.headers == {"Retry-After": "2"}
