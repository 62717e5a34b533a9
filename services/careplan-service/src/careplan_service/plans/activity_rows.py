"""The Tasks and ServiceRequests based on a plan, as rows."""

from __future__ import annotations

from careplan_service.domain.plans.goal_activities import Work as PlanWork
from careplan_service.domain.plans.open_actions import OPEN
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode, encode


async def keep_activity(connection: Connection, plan: str, patient: str, work: PlanWork, at: int) -> None:
    """Keep how a piece of work stands that is based on the plan."""
    await connection.execute(
        "INSERT INTO plan_activity (plan, reference, patient, status, at, description, performers, goals)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (plan, reference) DO UPDATE SET"
        " patient = excluded.patient, status = excluded.status, at = excluded.at, description = excluded.description,"
        " performers = excluded.performers, goals = excluded.goals",
        plan, work.reference, patient, work.status, at, work.description, encode(list(work.performers)).decode(),
        encode(list(work.goals)).decode(),
    )  # fmt: skip


async def forget_activity(connection: Connection, reference: str, but: list[str]) -> None:
    """It is based on other plans no more, or is there no more: only `but` have it."""
    held = await connection.fetch("SELECT plan FROM plan_activity WHERE reference = $1", reference)
    for row in held:
        if row["plan"] not in but:
            sql = "DELETE FROM plan_activity WHERE reference = $1 AND plan = $2"
            await connection.execute(sql, reference, row["plan"])


async def work_of_plan(connection: Connection, plan: str, patient: str) -> list[PlanWork]:
    """What is based on the plan and about its person, the oldest change first."""
    rows = await connection.fetch(
        "SELECT * FROM plan_activity WHERE plan = $1 AND patient = $2 ORDER BY at, reference", plan, patient
    )
    return [_work(row) for row in rows]


async def open_work(connection: Connection, plan: str, patient: str) -> list[str]:
    """The references of what is still to be done."""
    return [each.reference for each in await work_of_plan(connection, plan, patient) if each.status in OPEN]


def _work(row: Row) -> PlanWork:
    performers, goals = (decode(row[name].encode()) if row[name] else [] for name in ("performers", "goals"))
    return PlanWork(row["reference"], row["status"], row["description"], tuple(performers), tuple(goals))
