"""The rows that say who contributed which entry of a plan: kept by comparing each version with the one before."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from careplan_service.domain.contributions.plan_elements import PlanVersion, goal_key
from careplan_service.domain.shared_plan import OPEN, is_shared_plan
from tandem.clock import from_micros, to_micros
from tandem.database.connection import Connection
from tandem.identity.caller import Caller
from tandem.service import Change, Work

_OPEN = ", ".join(f"'{status}'" for status in OPEN)


@dataclass(frozen=True, slots=True)
class Contributed:
    """Who contributed an entry, in which version of the plan; `user` is the person behind the token."""

    organisation: str
    user: str | None
    version: int
    at: datetime

    @property
    def contributor(self) -> str:
        """Whose it is: the person's own words are theirs, and not their practice's."""
        return contributor_of(Caller(self.organisation, user=self.user))


def contributor_of(caller: Caller) -> str:
    """The organisation; for a patient or carer who asks for themself, these."""
    if caller.person is None:
        return caller.organisation
    return "the person" if caller.person.type == "Patient" else "a carer"


async def contributions_to_plan(connection: Connection, plan: str) -> dict[str, Contributed]:
    """By the key of the entry (see `plan_elements`)."""
    rows = await connection.fetch("SELECT * FROM contribution WHERE plan = $1", plan)
    return {
        row["key"]: Contributed(row["organisation"], row["fhir_user"], row["version"], from_micros(row["at"]))
        for row in rows
    }  # fmt: skip


async def keep_contributions(change: Change, work: Work, before: PlanVersion | None, after: PlanVersion | None) -> None:
    """Put down who brought what this version has and the one before had not, and forget what it has no more.

    What came into a plan before it was a shared one is nobody's contribution to that.
    """
    had, has = before.elements if before else {}, after.elements if after else {}
    if after is None or not is_shared_plan(after.plan):
        has = {}
    if gone := [key for key in had if key not in has]:
        sql = "DELETE FROM contribution WHERE plan = $1 AND key = $2"
        await work.connection.executemany(sql, [(change.id, key) for key in gone])
    new = [key for key in has if key not in had]
    if after is None or not new:
        return
    version, at = int(after.plan["meta"]["versionId"]), to_micros(change.now)
    author = await author_of_version(work.connection, change, version)
    user = None if change.caller.service is not None else change.caller.user
    await work.connection.executemany(
        "INSERT INTO contribution (plan, key, organisation, fhir_user, version, at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (plan, key) DO NOTHING",
        [(change.id, key, author, user, version, at) for key in new],
    )  # fmt: skip


async def author_of_version(connection: Connection, change: Change, version: int) -> str:
    """The organisation on whose behalf a version was written: the caller's, unless the service wrote for another."""
    if change.caller.service is None:
        return change.caller.organisation
    sql = "SELECT author FROM log WHERE type = $1 AND resource_id = $2 AND version = $3"
    author = await connection.fetchval(sql, change.type, change.id, version)
    return str(author or change.caller.organisation)


async def creator_of(connection: Connection, resource_type: str, resource_id: str) -> str | None:
    """The organisation that wrote a resource first."""
    sql = "SELECT author FROM resource WHERE type = $1 AND id = $2"
    author: str | None = await connection.fetchval(sql, resource_type, resource_id)
    return author


async def plans_with_goal(connection: Connection, goal: str) -> list[str]:
    """The shared plans that hold a Goal (an id), the oldest of them first."""
    sql = "SELECT plan FROM contribution WHERE key = $1 ORDER BY at, plan"
    return [row["plan"] for row in await connection.fetch(sql, goal_key(goal))]


async def plans_with_response(connection: Connection, response: str, patient: str) -> list[str]:
    """The shared plans of the same person that a QuestionnaireResponse (an id) belongs to."""
    rows = await connection.fetch(
        "SELECT DISTINCT l.plan FROM response_plan l JOIN shared_plan p ON p.id = l.plan AND p.patient = l.patient"
        " WHERE l.response = $1 AND l.patient = $2 ORDER BY l.plan", response, patient,
    )  # fmt: skip
    return [row["plan"] for row in rows]


async def has_open_plan(connection: Connection, patient: str) -> bool:
    """Whether the person has a shared plan that is worked with."""
    sql = f"SELECT 1 FROM shared_plan WHERE patient = $1 AND status IN ({_OPEN}) LIMIT 1"
    return await connection.fetchval(sql, patient) is not None
