"""Where a running system says it stands: /metrics and `$status`."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from prometheus_client.parser import text_string_to_metric_families

from tandem.backup.backup import FIGURES
from tandem.clock import SettableClock
from tandem.events.lag import taken
from tandem.fhir.ownership import SERVICES
from tandem.identity.issuer import LocalIssuer
from tandem.runtime.embedded import EmbeddedSystem
from tandem.runtime.local_identity import LOCAL_AUDIENCE, LOCAL_ISSUER
from tandem.settings import Settings
from tandem_tests.watched_metrics import documented, expressions, named_in, samples_of

pytestmark = pytest.mark.asyncio(loop_scope="module")
MORNING = datetime(2020, 7, 1, 8, tzinfo=UTC)
PARK = """
INSERT INTO parked (consumer, event_id, state, attempts, next_at, error, envelope, at)
VALUES ('mdt-service', $1, $2, 8, 0, 'ValueError', $3, 0)
"""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def system(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[EmbeddedSystem]:
    data = tmp_path_factory.mktemp("observed")
    yield EmbeddedSystem(data, Settings(public_url="http://tandem"), clock=SettableClock(MORNING))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def http(system: EmbeddedSystem) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application with its start and end, in the name of an operator."""
    app = system.app()
    token = LocalIssuer(system.data, LOCAL_ISSUER, LOCAL_AUDIENCE).mint("T0001", operator=True)
    async with (
        app.pages.router.lifespan_context(app.pages),
        httpx.AsyncClient(
            transport=httpx.ASGITransport(app), base_url="http://tandem", headers={"Authorization": f"Bearer {token}"},
        ) as client,
    ):  # fmt: skip
        yield client


def fresh(system: EmbeddedSystem) -> None:
    """What is kept of a state is read again."""
    for each in system.states():
        each.forget()


async def figures(system: EmbeddedSystem, http: httpx.AsyncClient) -> dict[tuple[str, ...], float]:
    """Name and values of the labels, in the order of the labels' names -> value."""
    fresh(system)
    text = (await http.get("/metrics")).text
    return {
        (sample.name, *(sample.labels[name] for name in sorted(sample.labels))): sample.value
        for family in text_string_to_metric_families(text) for sample in family.samples
    }  # fmt: skip


async def status(system: EmbeddedSystem, http: httpx.AsyncClient) -> dict[str, Any]:
    fresh(system)
    answer = await http.get("/fhir/$status")
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def level(http: httpx.AsyncClient) -> None:
    state: dict[str, Any] = {}
    while not state.get("caughtUp"):
        state = (await http.get("/fhir/$caught-up")).json()


async def write_something(http: httpx.AsyncClient) -> None:
    made = await http.post("/fhir/Practitioner", json={"resourceType": "Practitioner", "active": True})
    assert made.status_code == 201, made.text


async def test_every_process_is_up_and_nothing_is_stuck(system: EmbeddedSystem, http: httpx.AsyncClient) -> None:
    await write_something(http)
    await level(http)
    found = await status(system, http)
    assert (found["status"], found["problems"]) == ("ok", [])
    assert {each["service"] for each in found["processes"]} == {*SERVICES, "gateway"}
    for each in found["processes"]:
        assert each["up"]
        assert each["state"]["migration"] == each["state"]["newest_migration"] != ""
    cohort = next(each["state"] for each in found["processes"] if each["service"] == "cohort-service")
    assert cohort["position"] > 0
    assert {flow["source"] for flow in cohort["inbox"]} == set(SERVICES) - {"cohort-service"}
    assert {each["name"] for each in cohort["leases"] if each["here"]} >= {"relay", "due"}


async def test_figures_say_the_same(system: EmbeddedSystem, http: httpx.AsyncClient) -> None:
    await write_something(http)
    await level(http)
    found = await figures(system, http)
    for service in SERVICES:
        assert found["tandem_state_readable", service] == 1
        assert found["tandem_outbox_events", service] == 0
        assert found["tandem_parked_events", service, "dead"] == 0
        assert found["tandem_lease_held", "relay", service] == 1
        assert found["tandem_loop_running", "relay", service] == 1
    assert found["tandem_log_position", "cohort-service"] > 0
    assert found["tandem_inbox_behind_events", "mdt-service", "cohort-service"] == 0


async def test_a_dead_letter_is_told_with_its_command(system: EmbeddedSystem, http: httpx.AsyncClient) -> None:
    database = system.services["mdt-service"].database
    async with database.transaction() as connection:
        await connection.execute(PARK, "e-1", "dead", b"{}")
        await connection.execute(PARK, "e-2", "waiting", b"{}")
    try:
        found = await status(system, http)
        shown = await figures(system, http)
    finally:
        async with database.transaction() as connection:
            await connection.execute("DELETE FROM parked WHERE event_id IN ('e-1', 'e-2')")
    assert found["status"] == "attention"
    assert shown["tandem_parked_events", "mdt-service", "dead"] == 1
    assert shown["tandem_parked_age_seconds", "mdt-service", "waiting"] > 60
    dead, waiting = sorted(found["problems"], key=lambda each: str(each["what"]))
    assert dead["service"] == "mdt-service"
    assert dead["what"] == "1 dead letters"
    assert dead["do"].startswith("tandem events dead-letters list --service mdt-service")
    assert waiting["what"].startswith("1 events wait because a version before them is missing")


async def test_what_is_not_published_is_told_with_its_age(system: EmbeddedSystem, http: httpx.AsyncClient) -> None:
    await write_something(http)
    await level(http)
    cohort = system.services["cohort-service"]
    async with cohort.database.transaction() as connection:
        position = await connection.fetchval("SELECT position FROM cursor WHERE name = 'relay'")
        # As if the transport had refused the last one for as long as the clock has stood.
        await connection.execute("UPDATE cursor SET position = position - 1 WHERE name = 'relay'")
        found = await cohort.state.of_connection(connection, await taken(connection))
        await connection.execute("UPDATE cursor SET position = $1 WHERE name = 'relay'", position)
    assert found.outbox == 1


async def test_a_service_that_gives_no_answer_is_shown_as_such(system: EmbeddedSystem, http: httpx.AsyncClient) -> None:
    assert system.gateway is not None
    database = system.services["referral-service"].database

    class Away:
        dialect = database.dialect

        def read(self) -> Any:
            raise ConnectionError("9449305552")

    reader = system.services["referral-service"].state
    reader.database = Away()  # type: ignore[assignment]
    try:
        found = await status(system, http)
        shown = await figures(system, http)
    finally:
        reader.database = database
    assert found["status"] == "down"
    referral = next(each for each in found["processes"] if each["service"] == "referral-service")
    assert (referral["up"], referral["state"]) == (False, None)
    assert "503" in referral["why"]
    assert sum(each["up"] for each in found["processes"]) == len(SERVICES)
    assert shown["tandem_state_readable", "referral-service"] == 0
    assert ("tandem_outbox_events", "referral-service") not in shown


async def test_what_is_watched_and_documented_is_there(system: EmbeddedSystem, http: httpx.AsyncClient) -> None:
    there = samples_of((await http.get("/metrics")).text)
    for expression in expressions():
        assert named_in(expression) - {"tandem"} <= there | set(FIGURES), expression
    ours = {name for name in there if name.startswith("tandem_") and not name.endswith(("_bucket", "_count", "_sum"))}
    assert {name for name in ours if not name.endswith("_created")} == documented()


async def test_it_is_for_operators(system: EmbeddedSystem, http: httpx.AsyncClient) -> None:
    token = LocalIssuer(system.data, LOCAL_ISSUER, LOCAL_AUDIENCE).mint("A81001")
    for operation in ("$status", "$state"):
        refused = await http.get(f"/fhir/{operation}", headers={"Authorization": f"Bearer {token}"})
        assert refused.status_code in (403, 404)
        assert "position" not in refused.text


async def test_a_state_is_read_again_only_after_a_while(system: EmbeddedSystem, http: httpx.AsyncClient) -> None:
    reader = system.services["mdt-service"].state
    first = await reader.state(0.0)
    assert await reader.state(60.0) is first
    reader.forget()
    assert await reader.state(60.0) is not first
