"""Which flags count, on both databases."""

from __future__ import annotations

from datetime import date

import pytest

from mdt_service.domain.home_rounds.policy import changed, in_force
from mdt_service.home_rounds.flag_rows import open_flags
from mdt_service.home_rounds.homes import code_of_home, lives_in, names_of_home, numbers_of
from mdt_service.home_rounds.policy_rows import VersionHeld, policies, publish, shipped_policies
from tandem_tests.small_work import SmallWork


async def flag(work: SmallWork, task: str, by: str, *, granted: bool, since: int = 1) -> None:
    await work.connection.execute(
        "INSERT INTO home_flag (task, patient, since, by_code, granted) VALUES ($1, '1', $2, $3, $4)",
        task, since, by, int(granted),
    )  # fmt: skip


async def triage(work: SmallWork, task: str, of: str, priority: str, at: int) -> None:
    await work.connection.execute(
        "INSERT INTO home_triage (task, flag, priority, outcome, at) VALUES ($1, $2, $3, 'next-round', $4)",
        task, of, priority, at,
    )  # fmt: skip


@pytest.fixture
async def home(work: SmallWork) -> SmallWork:
    await work.connection.execute(
        "INSERT INTO organisation (id, code, kind, active) VALUES ('e', 'VE001', 'care-home', 1)"
    )
    return work


async def test_flags_of_the_home_and_of_those_with_access_count_oldest_first(home: SmallWork) -> None:
    await flag(home, "late", "VE001", granted=False, since=9)
    await flag(home, "early", "A81001", granted=True, since=2)
    await flag(home, "stranger", "VO001", granted=False)
    found = await open_flags(home.connection, ["1", "2"], "Organization/e")
    assert [each.task for each in found["1"]] == ["early", "late"]
    assert await open_flags(home.connection, [], "Organization/e") == {}


async def test_the_latest_triage_counts(home: SmallWork) -> None:
    await flag(home, "f", "VE001", granted=False)
    for task, priority, at in (("t1", "urgent", 1), ("t2", "routine", 3), ("t3", "stat", 2)):
        await triage(home, task, "f", priority, at)
    [found] = (await open_flags(home.connection, ["1"], "VE001"))["1"]
    assert found.triage is not None
    assert (found.triage.task, found.triage.priority) == ("t2", "routine")


async def test_a_home_is_known_by_its_code_and_by_its_organization(home: SmallWork) -> None:
    connection = home.connection
    assert await names_of_home(connection, "Organization/e") == ["VE001", "Organization/e"]
    assert await names_of_home(connection, "Organization/unheard") == ["Organization/unheard"]
    assert await code_of_home(connection, "Organization/e") == "VE001"
    await connection.execute(
        "INSERT INTO home_resident (episode, patient, home, first_day, last_day)"
        " VALUES ('x', '1', 'Organization/e', 5, 9)"
    )
    assert await lives_in(connection, "1", "VE001", 5)
    assert not await lives_in(connection, "1", "VE001", 10)
    await connection.execute("INSERT INTO patient (id, nhs_number, deleted) VALUES ('1', '9990000018', 0)")
    assert await numbers_of(connection, ["1", "2"]) == {"9990000018": "1"}


async def test_a_published_version_is_in_force_from_its_first_day_in_its_area(home: SmallWork) -> None:
    [shipped] = shipped_policies()
    first = date(2020, 12, 1)
    own = changed(shipped, {"gp_led": ["gp", "practice-nurse"]}, version="2", area="QN1", first=first)
    await publish(home.connection, own)
    known = await policies(home.connection)
    assert in_force(known, {"QN1"}, date(2020, 11, 30)) == shipped
    assert in_force(known, {"QN1", "U1"}, first) == own
    assert in_force(known, {"QN2"}, first) == shipped
    for again in (own, changed(own, {}, version="3"), changed(own, {}, first=date(2021, 1, 1))):
        with pytest.raises(VersionHeld):
            await publish(home.connection, again)
