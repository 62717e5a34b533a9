"""A year of referrals of all kinds, told in any order and repeatedly: the same rows, and none of them lost."""

from __future__ import annotations

import asyncio
import random
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from referral_service.domain.loop_state import STANDS, WORKLISTS, shown_as, stands_as
from referral_service.domain.referral_loop import task_id
from referral_service.loops.completing import missing_for_the_end
from referral_service.loops.declaration import PART
from referral_service.loops.loop_rows import COLUMNS
from referral_service.service import service as whole
from referral_service.tables import metadata
from tandem.canonical import REFERRAL_KIND, REFERRAL_PROGRESS
from tandem.database.connection import open_database
from tandem.database.migrate import migrate
from tandem.events.event import Event
from tandem.fhir.ownership import OWNED_TYPES
from tandem.identity.caller import Caller
from tandem.nhs.shipped_referral_kinds import referral_kinds
from tandem.service_part import service_of_parts
from tandem_tests.small_work import START, SmallWork, written_event

PRACTICE = Caller("A00001")
service = service_of_parts("referral-service", OWNED_TYPES["referral-service"], metadata, whole.migrations, (PART,))
"""The loops alone: kinds with criteria of their own ask for more than this is about."""
KINDS = sorted(code for code, kind in referral_kinds().kinds.items() if kind.answer is not None)
WAYS = (
    (), ("received",), ("accepted",), ("accepted", "in-progress"), ("rejected",), ("accepted", "failed"),
    ("accepted", "in-progress", "completed"), ("accepted", "in-progress", "partly"), ("cancelled",),
    ("received", "accepted", "on-hold", "in-progress", "completed"),
)  # fmt: skip
PARTLY = {"coding": [{"system": REFERRAL_PROGRESS, "code": "partly-fulfilled"}]}
_TOLD = [name for name in COLUMNS if name not in ("closed",)]
"""When it was heard that a loop closed depends on when the last event came; all else does not."""


def request(number: int, kind: str, **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "ServiceRequest", "id": f"s{number}", "status": "active", "intent": "order",
        "subject": {"reference": f"Patient/p{number % 7}"}, "code": {"text": "x"},
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": kind}]}],
        "performer": [{"reference": f"Organization/o{number % 3}"}], "requester": {"reference": "Organization/r"},
        **more,
    }  # fmt: skip


def told(number: int, way: tuple[str, ...], start: datetime) -> list[Event]:
    """The versions of the Task of a referral."""
    found = []
    for version, status in enumerate(("requested", *way), start=1):
        task = {
            "resourceType": "Task", "id": task_id(f"s{number}"), "focus": {"reference": f"ServiceRequest/s{number}"},
            "status": "completed" if status == "partly" else status,
        }  # fmt: skip
        if status == "partly":
            task["businessStatus"] = PARTLY
        found.append(written_event(task, f"p{number % 7}", version=version, at=start + timedelta(hours=version)))
    return found


async def year(work: SmallWork, plans: list[tuple[str, tuple[str, ...]]], seed: int | None) -> list[dict[str, Any]]:
    """The rows at the end; with a seed, events come shuffled and some of them twice."""
    draw = random.Random(seed)
    events: list[Event] = []
    for number, (kind, way) in enumerate(plans):
        await work.write(request(number, kind), PRACTICE)
        events += told(number, way, START)
    if seed is not None:
        events += draw.sample(events, k=len(events) // 2)
        draw.shuffle(events)
    for event in events:
        await work.hear(event)
    rows = await work.connection.fetch("SELECT * FROM referral_loop ORDER BY request")
    return [{name: row[name] for name in _TOLD} for row in rows]


async def fresh(path: Path) -> Any:
    url = f"sqlite:///{path}"
    await migrate(service, url)
    return await open_database(url, pool_size=2)


@pytest.fixture(scope="module")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database, to be copied for each example."""
    folder = tmp_path_factory.mktemp("loops")
    asyncio.run(_close(folder / "empty.sqlite"))
    return folder


async def _close(path: Path) -> None:
    database = await fresh(path)
    await database.close()


async def _rolled_back(path: Path, plans: list[tuple[str, tuple[str, ...]]], seed: int | None) -> Any:
    """What is left, in a transaction that is then rolled back, so that the next finds nothing."""
    database = await open_database(f"sqlite:///{path}", pool_size=1)
    found: Any = None
    try:
        async with database.transaction() as connection:
            work = SmallWork(service, connection)
            rows = await year(work, plans, seed)
            said = sorted((each.kind, each.key) for each in work.said if each.kind.startswith("tandem.referral."))
            statuses = {name: each["status"] for name, each in work.resources.items()}
            found = rows, said, statuses
            raise _Back
    except _Back:
        return found
    finally:
        await database.close()


class _Back(Exception):
    """Ends a transaction of which nothing is to be kept."""


_PLANS = st.lists(st.tuples(st.sampled_from(KINDS), st.sampled_from(WAYS)), min_size=1, max_size=12)


@settings(max_examples=25, deadline=None)
@given(plans=_PLANS, seed=st.integers(0, 2**32))
def test_order_and_repetition_change_nothing_and_none_is_lost(
    databases: Path, plans: list[tuple[str, tuple[str, ...]]], seed: int
) -> None:
    path = databases / "empty.sqlite"
    straight = asyncio.run(_rolled_back(path, plans, None))
    shuffled = asyncio.run(_rolled_back(path, plans, seed))
    assert shuffled == straight
    rows, _, statuses = straight
    assert len(rows) == len(plans), "every referral has its row"
    for row, (kind, way) in zip(rows, sorted_plans(plans), strict=True):
        status = statuses[f"ServiceRequest/{row['request']}"]
        done = bool(way) and way[-1] == "completed" and not missing_for_the_end(request(0, kind), START)
        assert (row["stands"] == "closed", status) == (done, "completed" if done else "active")
        if row["waits"]:
            assert row["stands"] in STANDS
            assert shown_as(row["stands"], row["answer_due"], row["done_due"], 2**53) in WORKLISTS
        else:
            assert row["stands"] == "closed"


def sorted_plans(plans: list[tuple[str, tuple[str, ...]]]) -> list[tuple[str, tuple[str, ...]]]:
    """As rows come, by the text of their id."""
    return [plan for _, plan in sorted((f"s{number}", plan) for number, plan in enumerate(plans))]


@pytest.mark.parametrize("request_status", [None, "draft", "active", "on-hold", "completed", "revoked", "unknown"])
@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("task", [
    None, "draft", "requested", "received", "accepted", "ready", "in-progress", "on-hold", "rejected", "failed",
    "cancelled", "completed", "entered-in-error", "deleted",
])  # fmt: skip
def test_every_combination_is_closed_or_on_one_worklist(
    request_status: str | None, sent: bool, task: str | None
) -> None:
    over = request_status in (None, "completed", "revoked")
    found = stands_as(request_status, sent, task)
    assert (found == "closed") is over
    assert over or found in STANDS


@settings(max_examples=10, deadline=None)
@given(hours=st.lists(st.integers(1, 24 * 40), min_size=1, max_size=6), kind=st.sampled_from(KINDS))
def test_each_step_of_chasing_is_taken_once_however_time_passes(databases: Path, hours: list[int], kind: str) -> None:
    async def passing(moments: list[int]) -> list[tuple[str, str]]:
        database = await open_database(f"sqlite:///{databases / 'empty.sqlite'}", pool_size=1)
        said: list[tuple[str, str]] = []
        try:
            async with database.transaction() as connection:
                work = SmallWork(service, connection)
                await work.write(request(1, kind), PRACTICE)
                for moment in moments:
                    await work.pass_time(START + timedelta(hours=moment))
                said = sorted((each.kind, each.data["outcome"]) for each in work.said
                              if each.kind == "tandem.referral.overdue")  # fmt: skip
                raise _Back
        except _Back:
            return said
        finally:
            await database.close()

    last = 24 * 41
    assert asyncio.run(passing([*sorted(hours), last])) == asyncio.run(passing([last]))
    assert asyncio.run(passing([last])) == [
        ("tandem.referral.overdue", "late-answer"), ("tandem.referral.overdue", "late-answer-escalated")
    ]  # fmt: skip
