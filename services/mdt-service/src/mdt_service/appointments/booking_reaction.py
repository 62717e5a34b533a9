"""What follows when an appointment of the shared process is written: its time, its slots, and who may read it."""

from __future__ import annotations

from mdt_service.appointments.booked_rows import Booked, forget, keep, overlapping
from mdt_service.appointments.policy_rows import review_policies
from mdt_service.domain.appointments.appointment_transitions import LIVE
from mdt_service.domain.appointments.kinds import (
    INTERVENTION,
    MEDICATION_REVIEW,
    MODES,
    codes_of,
    kind_of,
    mode_of,
    participants_of,
)
from mdt_service.domain.appointments.review_policy import policy_on, review_faults
from tandem.canonical import DELIVERY_CHANNEL
from tandem.directory.queries import place_named, staff_member
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.identity.derivation import hold
from tandem.identity.periods import bounds
from tandem.identity.sharing_by_name import share_by_name
from tandem.london_days import date_of, day_at
from tandem.service import Change, Work

_STAFF = ("Practitioner", "PractitionerRole")
_PLACES = ("HealthcareService", "Location")
_JUDGED = ("status", "start", "end", "participant", "serviceType", "extension", "slot", "minutesDuration")


async def keep_booking(change: Change, work: Work) -> None:
    """Keep whose time an appointment takes, its slots and its readers in step with it.

    Raises FhirError 422 for a time that somebody has given already, a slot that is not free, and a review that is too
    short or held in a way that is not permitted. Nothing is written then.
    """
    kind = kind_of(change.after)
    if change.after is None or kind is None:
        if kind_of(change.before) is not None:
            await forget(work.connection, change.id)
            await _release(work, _slots(change.before or {}))
            await share_by_name(work.connection, "Appointment", change.id, ())
        return
    after = change.after
    if change.before is not None and all(change.before.get(name) == after.get(name) for name in _JUDGED):
        return
    row = _row(change, after, kind)
    if row.status in LIVE:
        await _refuse_faults(work, row, after)
    await keep(work.connection, row)
    await _move_slots(change, work, after)
    await share_by_name(work.connection, "Appointment", change.id, await _organisations(work, after, row))


def _row(change: Change, after: Resource, kind: str) -> Booked:
    starts, ends = (bounds(str(after[name]))[0] if after.get(name) else None for name in ("start", "end"))
    if starts is not None and ends is not None and ends <= starts:
        raise FhirError(Kind.BUSINESS_RULE, issues=[Issue("It ends after it starts", "Appointment.end")])
    categories = codes_of(after.get("serviceCategory"), INTERVENTION)
    return Booked(
        change.id, kind, change.patient, str(after.get("status")), categories[0] if categories else None, starts, ends,
        tuple(participants_of(after, *_STAFF, *_PLACES, "Device")),
    )  # fmt: skip


async def _refuse_faults(work: Work, row: Booked, after: Resource) -> None:
    issues: list[Issue] = []
    mode = mode_of(after)
    if mode is not None and mode not in MODES:
        here = f"Appointment.extension.where(url='{DELIVERY_CHANNEL}')"
        issues.append(Issue(f"An appointment is held {', '.join(MODES)}", here))
    if row.kind == MEDICATION_REVIEW and row.starts is not None:
        policy = policy_on(await review_policies(work.connection), date_of(day_at(row.starts)))
        issues += review_faults(policy, _minutes(row, after), mode) if policy is not None else ()
    # Two appointments for one person of the staff at the same moment: whoever is second sees the first.
    await hold(work.connection, [f"appointment/{actor}" for actor in row.staff])
    for actor in await overlapping(work.connection, row):
        issues.append(Issue(f"{actor} has another appointment at that time", "Appointment.participant.actor"))
    if issues:
        raise FhirError(Kind.BUSINESS_RULE, issues=issues)


def _minutes(row: Booked, after: Resource) -> float | None:
    if row.starts is not None and row.ends is not None:
        return (row.ends - row.starts) / 60_000_000
    given = after.get("minutesDuration")
    return float(given) if given is not None else None


async def _organisations(work: Work, after: Resource, row: Booked) -> set[str]:
    """The organisations of everybody who takes part, as the directory knows them on the day."""
    day = date_of(day_at(row.starts)) if row.starts is not None else work.now.date()
    found: set[str] = set()
    for who in participants_of(after, *_STAFF):
        member = await staff_member(work.connection, who, day)
        found |= {role.organisation.code for role in (member.roles if member else ()) if role.organisation is not None}
    for place in participants_of(after, *_PLACES):
        known = await place_named(work.connection, place)
        if known is not None and known.organisation is not None:
            found.add(known.organisation.code)
    return found


def _slots(appointment: Resource) -> list[str]:
    literals = [str(each.get("reference") or "") for each in appointment.get("slot") or ()]
    return [each.removeprefix("Slot/") for each in literals if each.startswith("Slot/")]


async def _move_slots(change: Change, work: Work, after: Resource) -> None:
    live = after.get("status") in LIVE
    was = _slots(change.before or {}) if (change.before or {}).get("status") in LIVE else []
    taken = _slots(after) if live else []
    await _release(work, [slot for slot in was if slot not in taken])
    for identity in sorted(set(taken) - set(was)):
        slot = await work.read("Slot", identity)
        if slot is None or slot.get("status") != "free":
            text = f"Slot/{identity} is not free" if slot is not None else f"There is no Slot/{identity}"
            raise FhirError(Kind.BUSINESS_RULE, issues=[Issue(text, "Appointment.slot")])
        await work.put({**slot, "status": "busy"})


async def _release(work: Work, slots: list[str]) -> None:
    for identity in sorted(slots):
        slot = await work.read("Slot", identity)
        if slot is not None and slot.get("status") == "busy":
            await work.put({**slot, "status": "free"})
