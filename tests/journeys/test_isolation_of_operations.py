"""Who gets what from every declared operation, through the gateway: one row an operation, one column a caller.

A new operation without a row fails here. `seen` is an answer that holds something of the person; a number is an HTTP
status, and an answer with it holds nothing of anybody.
"""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem_tests import isolation_reads, isolation_writes
from tandem_tests.isolation_cell import ROUTES
from tandem_tests.isolation_operations import CALLERS, OPERATIONS, Asking, Place, audited, declared, outskirts
from tandem_tests.running import EmbeddedTandem

TABLE = """
                                                prac netw comm othr part vol  ics  farn farb home read scop oper
GET Group/[id]/$members                         seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET Group/$members                              seen seen seen 200  200  200  200  200  200  200  seen 403  seen
GET Patient/[id]/$cohorts                       seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET Group/[id]/$explain                         seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET Patient/[id]/$frailty                       seen seen seen 404  404  404  404  404  404  404  seen 403  seen
GET Patient/$frailty                            seen seen seen 200  200  200  200  200  200  200  seen 403  seen
GET Patient/[id]/$responsible                   200  200  200  404  404  404  404  404  404  404  200  403  200
GET Patient/[id]/$registration-offer            200  200  200  404  404  404  404  404  404  404  200  403  200
GET Encounter/[id]/$accountable                 200  200  200  404  404  404  404  404  404  404  200  403  200
GET PlanDefinition/$counts                      200  200  200  404  404  404  404  404  404  404  200  403  200
GET Group/$runs                                 200  200  404  404  404  404  200  404  404  404  200  403  200
GET Group/$duty                                 200  200  404  404  404  404  200  404  404  404  200  403  200
GET Group/$stages                               200  200  404  404  404  404  200  404  404  404  200  403  200
GET Group/$priority-list                        seen seen 404  404  404  404  403  404  404  404  seen 403  seen
GET Group/$matches                              seen seen 404  404  404  404  403  404  404  404  seen 403  seen
GET Group/$tools                                200  200  403  403  403  403  403  403  403  403  200  403  200
GET Group/$value-sets                           200  200  200  200  200  200  200  200  200  200  200  403  200
GET Group/$definitions                          200  200  200  200  200  200  200  200  200  200  200  403  200
GET Group/$choices                              200  200  200  200  200  200  200  200  200  200  200  403  200
GET OrganizationAffiliation/$agreement-templates200  200  200  200  200  200  200  200  200  200  200  403  200
GET OrganizationAffiliation/$agreements         200  200  200  200  200  200  200  200  200  200  200  403  200
GET PlanDefinition/$requirement                 200  200  200  200  200  200  200  200  200  200  200  403  200
GET PlanDefinition/$catalogue                   200  200  200  200  200  200  200  200  200  200  200  403  200
GET PlanDefinition/$training-due                200  200  200  200  200  200  200  200  200  200  200  403  200
GET Organization/[id]/$list-size                200  200  404  404  404  404  200  404  404  404  200  403  200
GET Organization/[id]/$staff-in-post            404  200  404  404  404  404  200  404  404  404  404  403  200
GET Organization/[id]/$workforce                404  200  404  404  404  404  200  404  404  404  404  403  200
GET Organization/[id]/$care-homes               200  200  200  200  200  200  200  200  200  200  200  403  200
GET Organization/[id]/$sub-contracts            200  200  200  200  200  200  200  200  200  200  200  403  200
GET Organization/[id]/$areas                    200  200  200  200  200  200  200  200  200  200  200  403  200
GET Organization/[id]/$population               200  200  404  404  404  404  404  404  404  404  200  403  200
GET Organization/[id]/$practice-profile         200  404  404  404  404  404  200  404  404  404  200  403  200
GET Organization/[id]/$cancer-target            200  200  200  200  200  200  200  200  200  200  200  403  200
GET Organization/[id]/$leads                    200  200  200  200  200  200  200  200  200  200  200  403  200
POST Organization/[id]/$list-size               200  403  403  403  403  403  200  403  403  403  403  403  200
POST Organization/[id]/$staff-in-post           403  200  403  403  403  403  200  403  403  403  403  403  200
POST Organization/[id]/$care-homes              403  403  403  403  403  403  200  403  403  403  403  403  200
POST Organization/[id]/$sub-contracts           403  200  403  403  403  403  200  403  403  403  403  403  200
POST Organization/[id]/$areas                   403  403  403  403  403  403  200  403  403  403  403  403  200
POST Organization/[id]/$practice-profile        403  403  403  403  403  403  200  403  403  403  403  403  200
POST Organization/[id]/$cancer-target           403  200  403  403  403  403  200  403  403  403  403  403  200
POST Group/[id]/$judge                          seen seen seen 404  404  404  404  404  404  404  403  403  seen
POST Group/$judge                               seen seen seen 404  404  404  404  404  404  404  403  403  seen
POST Patient/[id]/$registration-offer           404  404  404  404  404  404  404  404  404  404  403  403  404
POST Group/$offer                               200  200  200  404  404  404  404  404  404  404  403  403  200
POST Group/$identify                            200  200  403  403  403  403  403  403  403  403  403  403  200
POST Group/$register-tool                       200  200  403  403  403  403  403  403  403  403  403  403  200
POST Group/$import-audit                        200  200  403  403  403  403  403  403  403  403  403  403  200
POST Group/$standard-approach                   403  403  403  403  403  403  200  403  403  403  403  403  200
POST Group/$choose                              403  201  403  403  403  403  403  403  403  403  403  403  201
POST Group/$define                              422  422  422  422  422  422  422  422  422  422  403  403  422
POST Group/$withdraw-definition                 403  403  403  403  403  403  403  403  403  403  403  403  404
POST Group/$load-value-set                      403  403  403  403  403  403  403  403  403  403  403  403  400
POST Group/$load-product-map                    403  403  403  403  403  403  403  403  403  403  403  403  422
POST OrganizationAffiliation/$draft-agreement   201  403  403  403  403  403  403  403  403  403  403  403  201
POST OrganizationAffiliation/[id]/$sign         409  403  409  403  403  403  403  403  403  403  403  403  403
POST PlanDefinition/$publish                    403  403  403  403  403  403  403  403  403  403  403  403  201
POST PlanDefinition/$add-local                  403  403  403  403  403  403  201  403  201  403  403  403  403
POST PlanDefinition/$switch                     403  403  403  403  403  403  200  403  403  403  403  403  200
"""
"""The columns are CALLERS of isolation_operations, in that order."""
_FIRST = 48

ROUTE_OF = {
    "CarePlan/$clocks": "$clocks", "CarePlan/[id]/$clocks": "$clocks of a plan",
    "CarePlan/[id]/$agreement": "$agreement", "MedicationStatement/$current": "$current",
    "Measure/[id]/$evaluate-measure": "figures of the practice",
}  # fmt: skip
"""Operations that have their row in test_isolation_matrix."""

OF_JOURNEYS = frozenset((
    "Communication/[id]/$sent", "Group/$extract", "Group/$extract-part", "Group/$invitation-sequence",
    "Group/$publish-screening-process", "Group/$screening-process", "Group/[id]/$assign", "Group/[id]/$caseload",
    "Group/[id]/$engagement", "Group/[id]/$invite", "Group/[id]/$mark-invited", "Group/[id]/$offers",
    "Group/[id]/$record-participation", "Group/[id]/$record-response", "Organization/[id]/$capacity-assumptions",
    "Organization/[id]/$capacity-plan", "Organization/[id]/$case-register", "Organization/[id]/$case-register-baseline",
    "Organization/[id]/$case-register-entry", "Organization/[id]/$case-register-query",
    "Organization/[id]/$case-register-run", "Organization/[id]/$case-register-sign-off",
    "Organization/[id]/$load-unplanned-admissions-register", "Organization/[id]/$offer-rate",
    "Organization/[id]/$offers", "Organization/[id]/$round-capacity",
))  # fmt: skip
"""Operations whose callers are told apart in journeys of their own (invitations, capacity, registers, extracts)."""

SHOWN_OF_THE_PERSON = frozenset((
    "$members", "$explain", "$cohorts", "$frailty", "$responsible", "$registration-offer", "$accountable", "$counts",
    "$priority-list", "$matches", "$judge", "$offer", "$import-audit",
))  # fmt: skip
"""What leaves a trace that the person's practice reads, whoever asked."""


def rows() -> dict[str, list[str]]:
    """Operation -> what each caller gets, in the order of CALLERS."""
    return {line[:_FIRST].strip(): line[_FIRST:].split() for line in TABLE.strip("\n").split("\n")[1:]}


@pytest.fixture(scope="module")
def place(embedded: EmbeddedTandem) -> Place:
    """A neighbourhood, and a person on several lists."""

    async def make() -> Place:
        async with httpx.AsyncClient(timeout=120) as http:
            return await outskirts(http, embedded)

    return asyncio.run(make())


def test_every_declared_operation_has_a_row() -> None:
    assert set(rows()) == set(OPERATIONS)
    assert {isolation_reads.__name__, isolation_writes.__name__} == {way.__module__ for way in ROUTES.values()}
    assert set(ROUTE_OF.values()) <= set(ROUTES)
    having = {name.partition(" ")[2] for name in OPERATIONS}
    assert having.isdisjoint(OF_JOURNEYS)
    assert {name for name, _ in declared()} == having | set(ROUTE_OF) | OF_JOURNEYS


def test_an_operation_that_writes_is_asked_to_write() -> None:
    posted = {name.partition(" ")[2] for name in OPERATIONS if name.startswith("POST ")}
    writing = {name for name, operation in declared() if operation.writes}
    assert writing <= posted | set(ROUTE_OF) | OF_JOURNEYS


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_what_each_caller_gets(place: Place, http: httpx.AsyncClient, operation: str) -> None:
    found = {caller: await OPERATIONS[operation](Asking(place, place.client(http, caller))) for caller in CALLERS}
    assert found == dict(zip(CALLERS, rows()[operation], strict=True))


@pytest.mark.parametrize("operation", OPERATIONS)
async def test_without_a_token_there_is_a_401(place: Place, http: httpx.AsyncClient, operation: str) -> None:
    assert await OPERATIONS[operation](Asking(place, FhirClient(http, place.here.system.url, "no token"))) == "401"


async def test_a_get_changes_nothing(place: Place, http: httpx.AsyncClient) -> None:
    practice = place.client(http, "practice")
    for name, operation in declared():
        if not operation.writes or name in OF_JOURNEYS:
            continue
        answer = await practice.request("GET", name.replace("[id]", place.group))
        assert answer.status_code == 405, name
        assert answer.headers["allow"] == "POST"


@pytest.mark.parametrize("caller", ["practice", "network", "community"])
async def test_what_is_shown_of_a_person_leaves_a_trace(place: Place, http: httpx.AsyncClient, caller: str) -> None:
    opened: set[str] = set()
    for name, way in OPERATIONS.items():
        operation = "$" + name.rpartition("$")[2]
        said = await way(Asking(place, place.client(http, caller))) if operation in SHOWN_OF_THE_PERSON else "not asked"
        if said in ("seen", "200", "201"):
            opened.add(operation)
    practice = place.client(http, "practice")
    bundle: dict[str, Any] = await practice.call("GET", f"AuditEvent?patient=Patient/{place.here.person}&_count=1000")
    assert opened, caller
    assert opened <= audited(bundle, place.here.codes[caller])
