"""A PractitionerRole on a CareTeam gives its employer a part in the care, whatever is heard of first."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tandem.canonical import AFFILIATION_ROLE, AGREEMENT_SIGNATURE, ODS_CODE, ORGANISATION_TYPE
from tandem.database.connection import Database, open_database
from tandem.identity.projection import project

PRACTICE, TRUST, CHARITY = "A81001", "RX1", "RX2"
ORGANISATIONS = {"t": TRUST, "c": CHARITY}
TABLES = ("organisation", "patient", "membership", "agreement", "part", "access")
DAY = 86_400_000_000
FOREVER = 253_402_300_800_000_000
Step = tuple[str, str, dict[str, Any] | None, str]


def micros(day: int) -> int:
    return 1_577_836_800_000_000 + (day - 1) * DAY


def period(days: tuple[int, int] | None) -> dict[str, Any]:
    if days is None:
        return {}
    return {"period": {"start": f"2020-01-{days[0]:02d}T00:00:00Z", "end": f"2020-01-{days[1] - 1:02d}T23:59:59.999Z"}}


def bounds(days: tuple[int, int] | None) -> tuple[int, int]:
    return (micros(days[0]), micros(days[1])) if days else (0, FOREVER)


@dataclass(frozen=True)
class Role:
    """A version of the role: its employer, by id or by code, None when it was deleted."""

    employer: str | None
    by_id: bool = False
    active: bool = True
    days: tuple[int, int] | None = None

    def resource(self) -> dict[str, Any] | None:
        if self.employer is None:
            return None
        employer = {"reference": f"Organization/{self.employer}"} if self.by_id else named(ORGANISATIONS[self.employer])
        return {
            "resourceType": "PractitionerRole",
            "active": self.active,
            "organization": employer,
            **period(self.days),
        }

    def code(self, held: bool) -> str | None:
        return None if self.employer is None or (self.by_id and not held) else ORGANISATIONS[self.employer]


@dataclass(frozen=True)
class Team:
    """A version of the team: who wrote it, and when the role takes part; None when it does not."""

    author: str
    member: bool = True
    status: str = "active"
    days: tuple[int, int] | None = None

    def resource(self) -> dict[str, Any]:
        member = {"member": {"reference": "PractitionerRole/r/_history/1"}, **period(self.days)}
        return {
            "resourceType": "CareTeam", "status": self.status, "subject": {"reference": "Patient/x"},
            "meta": {"lastUpdated": "2020-01-09T00:00:00Z"}, "participant": [member] if self.member else [],
        }  # fmt: skip


@dataclass(frozen=True)
class Facts:
    held: bool
    roles: tuple[Role, ...]
    teams: tuple[Team, ...]
    agreed: tuple[str, ...]


DAYS = st.none() | st.tuples(st.integers(1, 8), st.integers(1, 8)).map(lambda pair: (pair[0], pair[0] + pair[1]))
ROLE = st.builds(Role, st.sampled_from(["t", "t", "t", "c", None]), st.booleans(), st.sampled_from([True, True, False]),
                 DAYS)  # fmt: skip
TEAM = st.builds(Team, st.sampled_from([PRACTICE, PRACTICE, TRUST]), st.sampled_from([True, True, False]),
                 st.sampled_from(["active", "active", "inactive", "proposed"]), DAYS)  # fmt: skip
FACTS = st.builds(
    Facts, st.sampled_from([True, True, True, False]),
    st.lists(ROLE, min_size=1, max_size=3).map(tuple), st.lists(TEAM, min_size=1, max_size=3).map(tuple),
    st.sampled_from([(TRUST,), (TRUST,), (CHARITY, TRUST), (CHARITY,)]),
)  # fmt: skip


def named(code: str) -> dict[str, Any]:
    return {"identifier": {"system": ODS_CODE, "value": code}}


def agreement(name: str, code: str) -> dict[str, Any]:
    signed = [
        {"url": AGREEMENT_SIGNATURE, "extension": [
            {"url": "party", "valueReference": named(party)}, {"url": "signed", "valueDateTime": "2020-06-01"},
        ]} for party in (PRACTICE, code)
    ]  # fmt: skip
    return {
        "resourceType": "OrganizationAffiliation", "id": name, "extension": signed, "organization": named(PRACTICE),
        "participatingOrganization": named(code),
        "code": [{"coding": [{"system": AFFILIATION_ROLE, "code": "sharing-agreement"}]}],
    }  # fmt: skip


def patient() -> dict[str, Any]:
    return {"resourceType": "Patient", "id": "x", "generalPractitioner": [named(PRACTICE)]}


def organization(name: str, code: str) -> dict[str, Any]:
    kind = [{"coding": [{"system": ORGANISATION_TYPE, "code": "community-provider"}]}]
    return {"resourceType": "Organization", "id": name, "identifier": [named(code)["identifier"]], "type": kind}


def feeds(known: Facts) -> list[list[Step]]:
    """One list of versions for each resource; within a list the order is kept."""
    found: list[list[Step]] = [[("Patient", "x", patient(), PRACTICE)]]
    found += [[("OrganizationAffiliation", f"a{code}", agreement(f"a{code}", code), PRACTICE)] for code in known.agreed]
    if known.held:
        found += [[("Organization", name, organization(name, code), code)] for name, code in ORGANISATIONS.items()]
    found.append([("PractitionerRole", "r", role.resource(), "") for role in known.roles])
    found.append([("CareTeam", "c", team.resource(), team.author) for team in known.teams])
    return found


def part_at(known: Facts, code: str, moment: int) -> bool:
    """Whether the teams say that the role takes part at this moment, given by another than `code`."""
    for place, team in enumerate(known.teams):
        later = known.teams[place:]
        if team.author == code or any(other.author == team.author for other in later[1:]):
            continue
        if all(_in_team(other, moment) for other in later):
            return True
    return False


def _in_team(team: Team, moment: int) -> bool:
    starts, ends = bounds(team.days)
    if not team.member or team.status == "proposed":
        return False
    return starts <= moment < (min(ends, micros(9)) if team.status == "inactive" else ends)


def expected(known: Facts, moment: int) -> set[str]:
    now = known.roles[-1]
    employed = [role for role in known.roles if role.employer is not None]
    if now.employer is None or not now.active or not bounds(now.days)[0] <= moment < bounds(now.days)[1]:
        return set()
    code = now.code(known.held)
    kept = code is not None and employed[0].code(known.held) == code
    return {code} if code and kept and code in known.agreed and part_at(known, code, moment) else set()


async def access_at(database: Database, moment: int) -> set[str]:
    async with database.read() as connection:
        rows = await connection.fetch(
            "SELECT organisation FROM access WHERE reason = 'agreement' AND starts <= $1 AND ends > $1", moment
        )
    return {row["organisation"] for row in rows}


async def played(url: str, known: Facts, order: list[Step]) -> None:
    database = await open_database(url, pool_size=1)
    try:
        async with database.transaction() as connection:
            for table in TABLES:
                await connection.execute(f"DELETE FROM {table}")
            for kind, name, body, author in order:
                about = "x" if kind == "CareTeam" else None
                await project(connection, kind, name, body, author=author, patient=about)
        days = [role.days for role in known.roles] + [team.days for team in known.teams]
        edges = {edge for each in days for edge in bounds(each)} | {micros(9)}
        for moment in sorted(moment for edge in edges for moment in (edge - 1, edge) if 0 <= moment < FOREVER):
            assert await access_at(database, moment) == expected(known, moment)
    finally:
        await database.close()


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FACTS, st.randoms(use_true_random=False))
def test_the_order_of_arrival_does_not_matter(tables_url: str, known: Facts, chance: Any) -> None:
    waiting = feeds(known)
    order: list[Step] = []
    while waiting:
        feed = waiting[chance.randrange(len(waiting))]
        order += [feed.pop(0)] * chance.choice((1, 1, 2))
        if not feed:
            waiting.remove(feed)
    asyncio.run(played(tables_url, known, order))


def role(employer: str, **rest: Any) -> dict[str, Any]:
    return {"resourceType": "PractitionerRole", "id": "r", "organization": named(employer), **rest}


def team(*, period: dict[str, str] | None = None) -> dict[str, Any]:
    participant = {"member": {"reference": "PractitionerRole/r"}, **({"period": period} if period else {})}
    return {
        "resourceType": "CareTeam", "id": "c", "status": "active", "subject": {"reference": "Patient/x"},
        "participant": [participant],
    }  # fmt: skip


async def furnish(world: Any) -> None:
    """A person of the practice, which has agreements with both providers."""
    for name, code in ORGANISATIONS.items():
        assert (await world.write("", organization(name, code), operator=True)).allowed
        assert (await world.write("", agreement(name, code), operator=True)).allowed
    assert (await world.write(PRACTICE, patient())).granted


async def watchers(world: Any) -> set[str]:
    return {code for code in (PRACTICE, TRUST, CHARITY) if await world.sees(code, "Patient", "x")}


async def test_the_part_begins_and_ends_with_role_and_participation(world: Any) -> None:
    await furnish(world)
    assert (await world.write(PRACTICE, team())).granted
    assert await watchers(world) == {PRACTICE}
    assert (await world.write(TRUST, role(TRUST))).allowed
    assert await watchers(world) == {PRACTICE, TRUST}
    assert (await world.write(TRUST, role(TRUST, active=False))).allowed
    assert await watchers(world) == {PRACTICE}
    assert (await world.write(TRUST, role(TRUST, period={"end": "2020-09-30"}))).allowed
    assert await watchers(world) == {PRACTICE, TRUST}
    assert (await world.write(PRACTICE, team(period={"end": "2020-09-12"}))).granted
    assert await watchers(world) == {PRACTICE}


async def test_an_employer_puts_nobody_on_a_team_for_itself(world: Any) -> None:
    await furnish(world)
    assert (await world.write(TRUST, role(TRUST))).allowed
    assert not (await world.write(TRUST, team())).allowed
    # Neither by the feed of another service, should it say so.
    async with world.database.transaction() as connection:
        await project(connection, "CareTeam", "c", team(), author=TRUST, patient="x")
    assert await watchers(world) == {PRACTICE}


@pytest.mark.parametrize("deleted", [True, False])
async def test_a_role_of_another_employer_hands_the_part_to_nobody(world: Any, deleted: bool) -> None:
    await furnish(world)
    assert (await world.write(TRUST, role(TRUST))).allowed
    assert (await world.write(PRACTICE, team())).granted
    if deleted:
        assert (await world.write(TRUST, role(TRUST), delete=True)).allowed
        del world.bodies["PractitionerRole", "r"]
        assert (await world.write(CHARITY, role(CHARITY))).allowed
    else:
        assert (await world.write("", role(CHARITY), operator=True)).allowed
    assert await watchers(world) == {PRACTICE}
    assert (await world.write("", role(TRUST), operator=True)).allowed
    assert await watchers(world) == {PRACTICE, TRUST}
