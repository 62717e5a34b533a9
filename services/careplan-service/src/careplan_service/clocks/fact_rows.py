"""The facts that clocks follow from: kept one by one as they are heard, read all together for one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from careplan_service.clocks.shipped_policies import followed_assessments, followed_lists
from careplan_service.domain.clocks.facts import Facts, Happening, HospitalStay, Stay, Support
from careplan_service.domain.questionnaires.response_faults import FINISHED
from tandem.clock import from_micros, to_micros
from tandem.database.connection import Connection, Row

HOSPITAL, HOSPITAL_THEN_ELSEWHERE, SUPPORT, DIED = "hospital", "hospital-then-elsewhere", "support", "died"
_LASTING = (HOSPITAL, HOSPITAL_THEN_ELSEWHERE, SUPPORT)

_KEEP = """INSERT INTO clock_fact (source, kind, patient, at, until, plan, next, version)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (source, kind) DO UPDATE SET patient = excluded.patient,
  at = excluded.at, until = excluded.until, plan = excluded.plan, next = excluded.next, version = excluded.version"""


@dataclass(frozen=True, slots=True)
class Fact:
    """One row; times in UTC."""

    source: str
    kind: str
    patient: str
    at: datetime
    until: datetime | None = None
    plan: str | None = None
    next: date | None = None
    version: int = 0


async def keep(connection: Connection, fact: Fact) -> None:
    """Keep a fact, in place of the one of this source and kind."""
    await connection.execute(
        _KEEP, fact.source, fact.kind, fact.patient, to_micros(fact.at),
        None if fact.until is None else to_micros(fact.until), fact.plan,
        None if fact.next is None else fact.next.isoformat(), fact.version,
    )  # fmt: skip


async def replace(connection: Connection, source: str, fact: Fact | None) -> set[str]:
    """Let this be all that a source says; answers whose clocks that may change (Patient ids)."""
    held = [_fact(row) for row in await connection.fetch("SELECT * FROM clock_fact WHERE source = $1", source)]
    if held == ([fact] if fact is not None else []):
        return set()
    if held:
        await connection.execute("DELETE FROM clock_fact WHERE source = $1", source)
    if fact is not None:
        await keep(connection, fact)
    return {each.patient for each in (*held, fact) if each is not None}


async def facts_of(connection: Connection, patient: str) -> Facts:
    """All that is known of a person, in five statements."""
    stays = await connection.fetch(
        "SELECT residency, cohort, since, until FROM cohort_member WHERE patient = $1 AND since IS NOT NULL", patient
    )
    own = [_fact(row) for row in await connection.fetch("SELECT * FROM clock_fact WHERE patient = $1", patient)]
    assessed = await connection.fetch(
        "SELECT id, questionnaire, authored FROM questionnaire_response WHERE patient = $1 AND whole IS NULL"
        f" AND status IN ({_quoted(FINISHED)}) AND questionnaire IN ({_quoted(followed_assessments())})", patient,
    )  # fmt: skip
    happened = [
        Happening(each.source, each.kind, each.at, each.plan, each.next, each.version)
        for each in own if each.kind not in (*_LASTING, DIED)
    ]  # fmt: skip
    happened += [
        Happening(f"QuestionnaireResponse/{row['id']}", row["questionnaire"], from_micros(row["authored"]))
        for row in assessed
    ]
    return Facts(
        tuple(_stay(row) for row in stays if row["cohort"] in followed_lists()),
        tuple(
            HospitalStay(each.source, each.at, each.until, each.kind == HOSPITAL)
            for each in own if each.kind in (HOSPITAL, HOSPITAL_THEN_ELSEWHERE)
        ),
        tuple(happened),
        tuple(Support(each.source, each.at, each.until) for each in own if each.kind == SUPPORT),
        min((each.at for each in own if each.kind == DIED), default=None),
        await open_plan_of(connection, patient),
    )  # fmt: skip


async def open_plan_of(connection: Connection, patient: str) -> str | None:
    """The id of the shared plan that is worked with: the active one, else one on hold, else a draft."""
    found: str | None = await connection.fetchval(
        "SELECT id FROM shared_plan WHERE patient = $1 AND status IN ('draft', 'active', 'on-hold')"
        " ORDER BY CASE status WHEN 'active' THEN 0 WHEN 'on-hold' THEN 1 ELSE 2 END, id LIMIT 1",
        patient,
    )
    return found


def _stay(row: Row) -> Stay:
    until = row["until"]
    return Stay(row["residency"], row["cohort"], date.fromisoformat(row["since"]), until and date.fromisoformat(until))


def _fact(row: Row) -> Fact:
    until, following = row["until"], row["next"]
    return Fact(
        row["source"], row["kind"], row["patient"], from_micros(row["at"]),
        None if until is None else from_micros(until), row["plan"], following and date.fromisoformat(following),
        row["version"],
    )  # fmt: skip


def _quoted(words: frozenset[str] | tuple[str, ...]) -> str:
    return ", ".join(f"'{word}'" for word in sorted(words))
