"""What an erasure leaves of the log and of what waits: nothing of the person, and all that others still need."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import MetaData

from tandem.database.tables import declare_kernel_tables
from tandem.events.envelope import decode
from tandem.fhir.job_table import insert_job
from tandem.retention.erasing import Erased, erase
from tandem.retention.log_sweep import sweep_range


@pytest.fixture
def service() -> Any:
    metadata = MetaData()
    declare_kernel_tables(metadata)
    return SimpleNamespace(metadata=metadata, erases={})


async def erased(node: Any, service: Any, patient: str = "p1") -> Erased:
    """An erasure with all that comes after it; answers how many rows went, or were changed."""
    async with node.database.transaction() as connection:
        went = await erase(connection, service, patient)
        rows = Counter(went.rows)
        after: int | None = 0
        while after is not None:
            changed, after = await sweep_range(connection, went.traces, after)
            rows["log"] += changed
        return Erased(dict(+rows), went.traces)


async def test_a_position_of_an_erased_entry_is_not_that_of_the_next(owner: Any, service: Any, kit: Any) -> None:
    await owner.write(kit.fact("a"), kit.change("1", 1), kit.change("1", 2))
    await owner.sequence()
    # The rows of p1 are the last of the log: SQLite gives their numbers again.
    assert (await erased(owner, service)).rows["log"] == 2
    await owner.write(kit.fact("b"))
    assert [decode(each).id for each in await owner.page()] == ["tandem.clock.breached-a"], "not before it has a place"
    await owner.sequence()
    page = [decode(each) for each in await owner.page()]
    assert [each.id for each in page] == ["tandem.clock.breached-a", "tandem.clock.breached-b"]
    assert [each.position for each in page] == [1, 4]
    assert (await erased(owner, service)).total == 0, "done again it finds nothing"


async def test_what_waits_about_others_stays(consumer: Any, service: Any, kit: Any) -> None:
    about = kit.received(kit.change("1", 2))
    other = replace(kit.change("2", 2), patient="p10", body=b'{"for":{"reference":"Patient/p10"}}')
    members = b'{"member":[{"reference":"Patient/p1","display":"Ada"},{"reference":"Patient/p10"}]}'
    group = replace(kit.change("3", 2), patient=None, body=members)
    inbox = consumer.inbox()
    await inbox.receive([about, kit.received(other), kit.received(group)])
    assert await consumer.parked() == {"Task-1-2": "waiting", "Task-2-2": "waiting", "Task-3-2": "waiting"}
    assert (await erased(consumer, service)).rows == {"parked": 2}
    assert set(await consumer.parked()) == {"Task-2-2", "Task-3-2"}
    envelopes = await consumer.column("SELECT envelope FROM parked ORDER BY event_id")
    assert decode(envelopes[0]) == kit.received(other).event
    assert decode(envelopes[1]).data == {"member": [{"reference": "Patient/erased"}, {"reference": "Patient/p10"}]}
    assert (await erased(consumer, service)).total == 0


async def test_a_short_id_is_a_word_like_others(owner: Any, service: Any, kit: Any) -> None:
    body = b'{"code":"p1","note":"p1","about":"Patient/p1","patient":"p1","patients":["p1","p10"],"p1":"Patient/p10"}'
    await owner.write(replace(kit.fact("a"), body=body))
    await owner.sequence()
    async with owner.database.transaction() as connection:
        await connection.execute("INSERT INTO search_token (key, param, code) VALUES (1, 1, 'p1')")
        await connection.execute("INSERT INTO search_token (key, param, code) VALUES (2, 2, 'Patient/p1')")
    assert (await erased(owner, service)).rows == {"log": 1, "search_token": 1}
    [envelope] = await owner.page()
    assert decode(envelope).data == {
        "code": "p1", "note": "p1", "about": "Patient/erased", "patient": "erased", "patients": ["erased", "p10"],
        "p1": "Patient/p10",
    }  # fmt: skip


async def test_a_timer_of_somebody_else_stays(owner: Any, service: Any) -> None:
    hers, short = "0b7e4e0a-6f1c-4f44-9d6e-3f0a4a1f7c11", "21"
    resource = "INSERT INTO resource (type, id, version, updated, log_id, patient) VALUES"
    due = "INSERT INTO due (kind, key, at, payload) VALUES"
    async with owner.database.transaction() as connection:
        for kind, id_, patient in (("Task", hers, "p1"), ("Task", short, "p1"), ("ServiceRequest", short, "p2")):
            await connection.execute(f"{resource} ($1, $2, 1, 0, 0, $3)", kind, id_, patient)
        timers = ((hers, "{}"), (short, "{}"), ("year", '{"year":"2020/21"}'), ("x", f'{{"task":"{hers}"}}'))
        for key, payload in timers:
            await connection.execute(f"{due} ('tandem.tried.due', $1, 0, $2)", key, payload.encode())
    assert (await erased(owner, service)).rows["due"] == 2
    assert sorted(await owner.column("SELECT key FROM due")) == ["21", "year"]


JOBS = {
    b'{"url":"Patient/p1/$everything"}': True, b'GET Task?patient=p1&_count=5': True, b'{"patient": "p1"}': True,
    b'{"body":"{\\"subject\\":\\"p1\\"}"}': True, b'{"resourceType":"Patient","id":"p1"}': True,
    b"\xbbsubject=p1&period=2020": True, b"subject=Patient%2Fp1": True, b"_id=p2,p1": True, b"_id=p2%2Cp1": True,
    b'{"patients":["p2", "p1"]}': True, b'{"patients":["p2"],"codes":["p1"]}': False, b"_id=p2,p10": False,
    b'{"nhs":"9990001234"}': True, b'{"practice":"p1"}': False, b"Patient/p10": False, b"map1": False,
    b'{"patient":"p1-b"}': False, b'{"serial":"199900012345"}': False,
}  # fmt: skip
"""What a job holds, and whether it names the person of the short id `p1`."""


async def test_a_job_goes_when_it_names_the_person_and_not_for_a_part_of_a_word(owner: Any, service: Any) -> None:
    job = "INSERT INTO job (id, request, kind, state, owner, caller, created, updated) VALUES"
    async with owner.database.transaction() as connection:
        await connection.execute("INSERT INTO patient (id, nhs_number) VALUES ('p1', '9990001234')")
        for number, said in enumerate(JOBS):
            values = "($1, $2, 'kind', 'completed', 'A81001', $2, 0, 0)"
            await connection.execute(f"{job} {values}", str(number), said)
    await erased(owner, service)
    left = {int(each) for each in await owner.column("SELECT id FROM job")}
    assert left == {number for number, goes in enumerate(JOBS.values()) if not goes}


async def test_a_job_goes_with_its_long_request_that_names_the_person(owner: Any, service: Any) -> None:
    filling = b'{"note":"%b"}' % (b"x" * 4096)
    async with owner.database.transaction() as connection:
        for name, said in (("hers", b'{"patient":"p1"}'), ("other", b'{"patient":"p10"}')):
            await insert_job(connection, name, "kind", "A81001", b"", said + filling, 0)
    await erased(owner, service)
    assert await owner.column("SELECT id FROM job") == ["other"]
    held = [*await owner.column("SELECT request FROM job"), *await owner.column("SELECT request FROM job_request")]
    assert [bytes(each) for each in held if each] == [b'{"patient":"p10"}' + filling]
