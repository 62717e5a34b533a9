"""Criteria match a version as the search matches a record, and every matching version is told in order."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from shared.tests.subscriptions.conftest import BASE, Bench, bench_on

from tandem.subscriptions.criteria import read_criteria
from tandem.subscriptions.matching import matching
from tandem_tests.kernel_tables import make_kernel_tables

OWNERS = ("RXP01", "RYY02")
STATUSES = ("requested", "accepted", "completed")


@asynccontextmanager
async def a_bench() -> AsyncIterator[Bench]:
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/bench.sqlite"
        await make_kernel_tables(url)
        async with bench_on(url, Path(folder)) as bench:
            yield bench


_steps = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 3), st.sampled_from(OWNERS), st.sampled_from(STATUSES)),
        st.tuples(st.just("fail"), st.sampled_from([500, 404, 302])),
        st.tuples(st.just("restart")),
        st.tuples(st.just("tell")),
        st.tuples(st.just("replay"), st.integers(1, 5)),
    ),
    max_size=14,
)


@given(_steps)
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
async def test_every_matching_version_is_told_at_least_once_and_in_order(steps) -> None:
    async with a_bench() as bench:
        subscription, _ = await bench.subscribe("Task?owner:identifier=RXP01&status=requested,accepted")
        tasks: dict[int, str] = {}
        expected: list[str] = []
        for number, step in enumerate(steps):
            match step:
                case ("write", which, owner, status):
                    tasks[which] = await bench.task(
                        tasks.get(which), owner=owner, status=status, description=str(number)
                    )
                    version = (await bench.read(f"Task/{tasks[which]}", by="A81001"))["meta"]["versionId"]
                    if owner == "RXP01" and status != "completed":
                        expected.append(f"Task/{tasks[which]} v{version}")
                case ("fail", status):
                    bench.receiver.statuses.append(status)
                case ("restart",):
                    await bench.dispatcher.close()
                    bench.dispatcher = bench.make(f"process {number}")
                    bench.now.add(60)
                case ("tell",):
                    await bench.told()
                    bench.now.add(60)
                case ("replay", position):
                    body = {"resourceType": "Parameters", "parameter": [{"name": "from", "valueInteger": position}]}
                    await bench.ask("POST", f"Subscription/{subscription}/$replay", body)
        for _ in range(len(steps) + 2):
            told = await bench.told()
            bench.now.add(3600)
        positions = [int(each.headers["tandem-position"]) for each in bench.receiver.requests]
        first = [told[place] for place, position in enumerate(positions) if position not in positions[:place]]
        backwards = sum(later < earlier for earlier, later in pairwise(positions))
        assert sorted(set(told), key=told.index) == first
        if not any(step[0] == "replay" for step in steps):
            assert backwards == 0
            assert first == expected
        else:
            assert backwards <= sum(step[0] == "replay" for step in steps)
            assert set(first) >= set(expected)


CRITERIA = (
    "Task", "Task?", "Task?status=requested", "Task?status:not=requested", "Task?status=accepted,completed",
    "Task?owner:identifier=RXP01", "Task?owner:identifier=https://fhir.nhs.uk/Id/ods-organization-code|RXP01",
    "Task?owner=Organization/one", "Task?owner=one", "Task?patient=ada", "Task?patient=Patient/bea",
    "Task?patient.identifier=https://fhir.nhs.uk/Id/nhs-number|9990000018", "Task?owner:missing=true",
    "Task?authored-on=ge2020-06-01", "Task?authored-on=2020-05", "Task?code=http://x|a", "Task?code=a&status=completed",
    "Task?code:text=wal", "Task?_id=first", "Task?_tag=http://t|red", "Task?identifier=http://i|7",
    "Task?priority=urgent",
    "Task?_lastUpdated=ge2020-07-01",
)  # fmt: skip

_RECORDS: tuple[dict[str, Any], ...] = (
    {"status": "requested", "owner": {"identifier": {"value": "RXP01"}}, "for": {"reference": "Patient/ada"}},
    {
        "status": "accepted", "owner": {"reference": "Organization/one"}, "authoredOn": "2020-06-15T10:00:00Z",
        "for": {"identifier": {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9990000018"}},
    },
    {
        "status": "completed", "code": {"coding": [{"system": "http://x", "code": "a"}], "text": "Walking"},
        "priority": "urgent",
    },
    {
        "status": "requested", "authoredOn": "2020-05-03", "meta": {"tag": [{"system": "http://t", "code": "red"}]},
        "owner": {"identifier": {"system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": "RXP01"}},
    },
    {"status": "draft", "identifier": [{"system": "http://i", "value": "7"}], "for": {"reference": "Patient/bea"}},
)  # fmt: skip


@pytest.fixture
async def filled(bench):
    """The bench with a record of each kind: each of one version, so that search and matching ask of the same."""
    async with bench.database.transaction() as connection:
        await connection.execute("UPDATE patient SET nhs_number = '9990000018' WHERE id = 'ada'")
    for number, record in enumerate(_RECORDS):
        body = {"resourceType": "Task", "intent": "order", "id": "first" if number == 0 else f"task-{number}", **record}
        made = await bench.ask("PUT", f"Task/{body['id']}", body, by="operator")
        assert made.status == 201, made.body
    return bench


async def test_criteria_match_what_the_search_finds(filled) -> None:
    async with filled.database.read() as connection:
        rows = await connection.fetch(
            "SELECT id AS log_id, type, resource_id, patient, body FROM log WHERE type = 'Task' ORDER BY id"
        )
        for text in CRITERIA:
            criteria = read_criteria(text, "mdt-service", BASE)
            found = await matching(connection, criteria, rows, BASE)
            told = {row["resource_id"] for row in rows if row["log_id"] in found}
            answer = await filled.ask("GET", "Task", query=text.partition("?")[2], by="operator")
            entries = json.loads(answer.body).get("entry", [])
            assert told == {entry["resource"]["id"] for entry in entries}, text


async def test_the_criteria_tell_the_records_apart(filled) -> None:
    everything = {"Task", "Task?", "Task?_lastUpdated=ge2020-07-01"}
    async with filled.database.read() as connection:
        rows = await connection.fetch("SELECT id AS log_id, type, patient, body FROM log WHERE type = 'Task'")
        for text in CRITERIA:
            found = await matching(connection, read_criteria(text, "mdt-service", BASE), rows, BASE)
            if text in everything:
                assert len(found) == len(_RECORDS), text
            else:
                assert 0 < len(found) < len(_RECORDS), text
