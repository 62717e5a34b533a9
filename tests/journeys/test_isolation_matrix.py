"""Who gets what by every way in, over HTTP through the gateway: one row a route, one column a caller.

`community` has an agreement and a place on the person's team; `partless` has the agreement only, `voluntary` the place
only. What an organisation may not see is not there: 404, or nothing found and nothing counted.
"""

from __future__ import annotations

import asyncio
import base64
import json
import time
from dataclasses import dataclass

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem.identity.issuer import LocalIssuer
from tandem.runtime.local_identity import LOCAL_AUDIENCE, LOCAL_ISSUER
from tandem_tests import isolation_reads, isolation_writes
from tandem_tests.isolation_cell import ROUTES, Cell, Kept
from tandem_tests.loopback import http_client
from tandem_tests.neighbourhood import Neighbourhood, admit, nhs_reference, plan_of, settle_in
from tandem_tests.running import EmbeddedTandem

TABLE = """
                             practice     network      community    other        partless     voluntary    commissioner
read                         seen         seen         seen         404          404          404          404
read of the person           seen         seen         seen         404          404          404          404
read of another service      seen         seen         seen         404          404          404          404
read of the team             seen         seen         seen         404          404          404          404
read of a task               seen         seen         seen         404          404          404          404
vread                        seen         seen         seen         404          404          404          404
history of an instance       seen         seen         seen         404          404          404          404
history of a type            seen         seen         seen         nothing      nothing      nothing      nothing
history of everything        seen         seen         seen         nothing      nothing      nothing      nothing
search                       seen         seen         seen         nothing      nothing      nothing      nothing
search by name               seen         seen         seen         nothing      nothing      nothing      nothing
search by NHS number         seen         seen         seen         nothing      nothing      nothing      nothing
search by :identifier        seen         seen         seen         nothing      nothing      nothing      nothing
search by a chain            seen         seen         seen         nothing      nothing      nothing      nothing
search by _has               seen         seen         seen         nothing      nothing      nothing      nothing
count                        seen         seen         seen         nothing      nothing      nothing      nothing
count of people              seen         seen         seen         nothing      nothing      nothing      nothing
_include                     seen         seen         seen         nothing      nothing      nothing      nothing
_revinclude                  seen         seen         seen         nothing      nothing      nothing      nothing
_revinclude from shared      seen         seen         seen         nothing      nothing      nothing      nothing
_has on shared               seen         seen         seen         nothing      nothing      nothing      nothing
$explain                     seen         seen         seen         404          404          404          404
$members                     seen         seen         seen         404          404          404          404
$members of all lists        seen         seen         seen         nothing      nothing      nothing      nothing
$cohorts                     seen         seen         seen         404          404          404          404
$clocks of a plan            seen         seen         seen         404          404          404          404
$clocks                      seen         seen         seen         nothing      nothing      nothing      nothing
$current                     seen         seen         seen         404          404          404          404
$registration                403          403          403          403          403          403          403
$events                      403          403          403          403          403          403          403
$event-heads                 403          403          403          403          403          403          403
$events-taken                404          404          404          404          404          404          404
search by POST               seen         seen         seen         nothing      nothing      nothing      nothing
job of a load                seen         404          404          404          404          404          404
$agreement                   200          200          200          404          404          404          404
figures of the practice      200          200          403          403          403          403          200
audit trail of the person    others       own          own          own          own          own          own
batch read                   200          200          200          404          404          404          404
batch search                 seen         seen         seen         nothing      nothing      nothing      nothing
batch write                  201          201          201          403          403          403          403
transaction                  201          201          201          403          403          403          403
create                       201          201          201          403          403          403          403
create by NHS number         201          201          201          403          403          403          403
$judge                       200          200          200          404          404          404          404
$judge by cohort             200          200          200          404          404          404          404
update                       200, gone    200, gone    200, gone    404, kept    404, kept    404, kept    404, kept
patch                        200, gone    200, gone    200, gone    404, kept    404, kept    404, kept    404, kept
delete                       204, gone    204, gone    204, gone    404, kept    404, kept    404, kept    404, kept
conditional create           200          200          200          403          403          403          403
conditional update           200, gone    200, gone    200, gone    403, kept    403, kept    403, kept    403, kept
conditional delete           204, gone    204, gone    204, gone    204, kept    204, kept    204, kept    204, kept
$ingest of a new record      loaded       loaded       loaded       rejected     rejected     rejected     rejected
$ingest over a record        loaded       loaded       loaded       rejected     rejected     rejected     rejected
$load                        404          404          404          404          404          404          404
a task about the person      201, seen    201, seen    201, seen    201, 404     201, 404     201, 404     403, 404
a place on the team          201          201          201          403          403          403          403
an agreement                 201          403          403          403          403          403          403
a membership                 403          403          403          403          403          403          403
a second NHS number          409          403          403          409          403          403          403
taking the person over       200          403          403          404          404          404          404
"""
_FIRST, _CELL = 29, 13
CALLERS = tuple(TABLE.split("\n")[1].split())


def rows() -> dict[str, tuple[str, ...]]:
    """Route -> what each caller gets, in the order of CALLERS."""
    found = {}
    for line in TABLE.strip("\n").split("\n")[1:]:
        name, cells = line[:_FIRST].strip(), line[_FIRST:]
        found[name] = tuple(cells[place : place + _CELL].strip() for place in range(0, _CELL * len(CALLERS), _CELL))
    return found


@dataclass(frozen=True, slots=True)
class Scene:
    """The neighbourhood and what is kept about its person."""

    here: Neighbourhood
    kept: Kept


@pytest.fixture(scope="module")
def scene(embedded: EmbeddedTandem) -> Scene:
    """A neighbourhood whose person has a record in every service."""
    return asyncio.run(_scene(embedded))


async def _scene(embedded: EmbeddedTandem) -> Scene:
    async with http_client() as http:
        here = await settle_in(http, embedded)
        practice = here.client(http, "practice")
        observation = await practice.create(here.observation())
        await admit(practice, here.person, "2020-06-26")
        plan = await plan_of(practice, here.person)
        title = [{"op": "replace", "path": "/title", "value": "Plan of Marlowequill"}]
        await practice.patch(f"CarePlan/{plan['id']}", title, plan["meta"]["versionId"])
        task = await practice.create({
            "resourceType": "Task", "status": "requested", "intent": "order", "for": nhs_reference(here.nhs_number),
            "description": "Falls assessment of Marlowequill",
        })  # fmt: skip
        await practice.create({
            "resourceType": "MedicationStatement", "status": "active", "subject": here.subject,
            "medicationCodeableConcept": {"text": "Marlowequill's tonic"}, "dateAsserted": "2020-06-01",
        })  # fmt: skip
        await practice.caught_up()
        record = here.observation(id="loaded-at-first")
        started = await practice.request("POST", "$ingest", record, Prefer="respond-async")
        job = started.headers["content-location"].partition("id=")[2]
        groups = await practice.search("Group?code=care-home-residents")
        return Scene(here, Kept(observation["id"], plan["id"], groups[0]["id"], task["id"], job))


def test_every_route_has_a_row() -> None:
    assert set(rows()) == set(ROUTES)
    assert {isolation_reads.__name__, isolation_writes.__name__} == {way.__module__ for way in ROUTES.values()}


@pytest.mark.parametrize("route", ROUTES)
async def test_what_each_caller_gets(scene: Scene, http: httpx.AsyncClient, route: str) -> None:
    here = scene.here
    practice = here.client(http, "practice")
    found = []
    for role in CALLERS:
        cell = Cell(here, scene.kept, role, here.client(http, role), practice)
        found.append(await ROUTES[route](cell))
    assert dict(zip(CALLERS, found, strict=True)) == dict(zip(CALLERS, rows()[route], strict=True))


class Anonymous(FhirClient):
    """A client that sends no token."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        super().__init__(http, url, "")
        del self._headers["Authorization"]


def unsigned(token: str) -> str:
    """The same claims under `alg: none`."""
    header = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    return f"{header}.{token.split('.')[1]}."


def bad_tokens(system: EmbeddedTandem, organisation: str) -> dict[str, str]:
    """Tokens of the person's own practice that are not to be believed."""
    expired = LocalIssuer(system.data, LOCAL_ISSUER, LOCAL_AUDIENCE, now=lambda: time.time() - 7200)
    elsewhere = LocalIssuer(system.data, LOCAL_ISSUER, "https://elsewhere.example")
    return {
        "expired": expired.mint(organisation, ttl=3600), "wrong audience": elsewhere.mint(organisation),
        "alg none": unsigned(system.token(organisation)),
        "alg none, as an operator": unsigned(system.token("T0001", operator=True)),
    }  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
async def test_without_a_good_token_there_is_a_401(scene: Scene, http: httpx.AsyncClient, route: str) -> None:
    here = scene.here
    practice = here.client(http, "practice")
    tokens = bad_tokens(here.system, here.codes["practice"])
    clients = {name: FhirClient(http, here.system.url, token) for name, token in tokens.items()}
    for name, client in {"no token": Anonymous(http, here.system.url), **clients}.items():
        found = await ROUTES[route](Cell(here, scene.kept, "nobody", client, practice))
        assert found in ("401", "401, kept", "401, 401"), name
