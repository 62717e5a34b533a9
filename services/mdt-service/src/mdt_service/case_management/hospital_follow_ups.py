"""What follows from a person's stays in hospital: a follow-up for the coordinator, a notice for the professionals.

Encounters and CareTeams come from two services in any order, so both listeners settle the person's stays anew.
"""

from __future__ import annotations

from mdt_service.case_management.contact_rows import contacts_of, team_members
from mdt_service.case_management.shipped_policies import hospital_policy_on
from mdt_service.domain.case_management.follow_up_task import follow_up_id, follow_up_task, not_discharged
from mdt_service.domain.case_management.hospital_contact import ADMISSIONS, HospitalContact
from mdt_service.domain.case_management.hospital_notice import TOLD_ROLES, notice_id, notice_words
from mdt_service.domain.notices.requested_notice import requested_notice
from tandem.clock import from_micros, to_instant, to_micros
from tandem.identity.derivation import hold
from tandem.identity.organisation_reference import reference_to
from tandem.london_days import london_date
from tandem.service import Work

_COORDINATOR = "care-coordinator"


async def settle(work: Work, patient: str) -> None:
    """Make what is missing, and take back what no stay asks for."""
    await hold(work.connection, [patient])
    contacts = await contacts_of(work.connection, patient)
    policy, now = hospital_policy_on(london_date(work.now)), to_micros(work.now)
    wanted: set[str] = set()
    for contact, source in contacts:
        if contact.kind not in ADMISSIONS:
            continue
        if contact.ends is not None:
            wanted.add(follow_up_id(contact.encounter, contact.ends))
            if policy.is_news(contact.ends, now):
                await _follow_up(work, patient, contact)
        if policy.is_news(contact.starts, now):
            await _tell(work, patient, contact, source)
    await _take_back(work, patient, wanted)


async def _follow_up(work: Work, patient: str, contact: HospitalContact) -> None:
    assert contact.ends is not None, "asked of a stay that is over"
    coordinators = await team_members(work.connection, patient, _COORDINATOR, to_micros(work.now))
    discharged = london_date(from_micros(contact.ends))
    due = hospital_policy_on(discharged).follow_up_due(discharged)
    identity = follow_up_id(contact.encounter, contact.ends)
    held = await work.read("Task", identity)
    if not coordinators:
        return
    await work.put(follow_up_task(held, identity, contact.encounter, patient, coordinators[0], due, work.now))
    await work.connection.execute(
        "INSERT INTO hospital_follow_up (task, patient) VALUES ($1, $2) ON CONFLICT (task) DO NOTHING",
        identity, patient,
    )  # fmt: skip


async def _take_back(work: Work, patient: str, wanted: set[str]) -> None:
    rows = await work.connection.fetch("SELECT task FROM hospital_follow_up WHERE patient = $1 ORDER BY task", patient)
    for row in rows:
        task = await work.read("Task", row["task"]) if row["task"] not in wanted else None
        cancelled = not_discharged(task) if task is not None else None
        if cancelled is not None:
            await work.put(cancelled)


async def _tell(work: Work, patient: str, contact: HospitalContact, source: str) -> None:
    for member in await _told_of(work, patient):
        identity = notice_id(contact, member)
        if await work.read("Communication", identity) is not None:
            continue
        before = await work.connection.fetchval(
            "SELECT 1 FROM hospital_notice WHERE encounter = $1 AND member = $2 LIMIT 1", contact.encounter, member
        )
        topic, words = notice_words(contact, moved=before is not None)
        await work.put(requested_notice({
            "communication": identity, "about": f"Encounter/{contact.encounter}", "topic": topic, "text": words,
            "recipient": [{"reference": member}], "sender": await reference_to(work.connection, source),
            "sent": to_instant(work.now),
        }, patient))  # fmt: skip
        await work.connection.execute(
            "INSERT INTO hospital_notice (communication, encounter, member) VALUES ($1, $2, $3)",
            identity, contact.encounter, member,
        )  # fmt: skip


async def _told_of(work: Work, patient: str) -> list[str]:
    for role in TOLD_ROLES:
        if members := await team_members(work.connection, patient, role, to_micros(work.now)):
            return members
    return []
