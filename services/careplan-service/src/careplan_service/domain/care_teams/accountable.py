"""Accountable roles: each has one holder at a time, and changes hands only by an explicit hand-over."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from careplan_service.domain.care_teams.roles import (
    ACCOUNTABLE,
    CARE_COORDINATOR,
    NAMED_GP,
    RESPONSIBLE_LEAD,
    TITLES,
    RoleHeld,
    holders,
)
from tandem.fhir.outcome import Issue
from tandem.identity.periods import overlap

_REGISTER_NEEDS = (NAMED_GP, CARE_COORDINATOR)


def missing_of_register_team(held: Sequence[RoleHeld], moment: int) -> Iterator[Issue]:
    """What the team of somebody on the case register lacks to be active (003 §2.3; PCPC-034)."""
    for role in _REGISTER_NEEDS:
        if not any(each.is_professional for each in holders(held, role, moment)):
            text = f"The team of somebody on the case register has a {TITLES[role]}: add a participant with the role"
            yield Issue(f"{text} {role} who is a Practitioner or PractitionerRole (003 §2.3; PCPC-034)",
                        "CareTeam.participant", "required")  # fmt: skip


def faults_of_holders(held: Sequence[RoleHeld], elsewhere: Sequence[RoleHeld]) -> Iterator[Issue]:
    """Accountable roles given to what is no professional, or to two at once, in this team or beside `elsewhere`."""
    for number, each in enumerate(held):
        if each.role not in ACCOUNTABLE:
            continue
        title, source = TITLES[each.role], ACCOUNTABLE[each.role]
        place = f"CareTeam.participant[{each.place}]"
        if not each.is_professional:
            yield Issue(f"The {title} is a Practitioner or PractitionerRole ({source})", f"{place}.member")
        beside = [*held[:number], *elsewhere]
        if any(_at_once(each, other) for other in beside):
            text = f"The person has another {title} at that time: one at a time; CareTeam/[id]/$hand-over passes it on"
            yield Issue(f"{text} ({source})", place)


def lost_without_hand_over(
    before: Sequence[RoleHeld], after: Sequence[RoleHeld], moment: int, handed_over: str | None
) -> Iterator[Issue]:
    """Accountable roles whose holder would be gone or changed silently. `handed_over` is the role that is passed on."""
    for role, source in ACCOUNTABLE.items():
        if role == handed_over:
            continue
        for each in holders(before, role, moment):
            still = [other for other in after if other.role == role and other.who == each.who]
            if not any(other.span[1] >= each.span[1] and other.holds_at(moment) for other in still):
                text = f"The {TITLES[role]} is not replaced or ended by a write of the team"
                how = "POST CareTeam/[id]/$hand-over with role, to and reason"
                yield Issue(f"{text}: {how} ({source})", f"CareTeam.participant[{each.place}]")


def ends_with_lead(before: Sequence[RoleHeld], moment: int) -> Iterator[Issue]:
    """What keeps a team from being ended or deleted while its person has an active plan (000 §4.12 r6; AC-048)."""
    for each in holders(before, RESPONSIBLE_LEAD, moment):
        text = "The team holds the responsible lead of an active plan: end the plan first, or keep the team active"
        yield Issue(f"{text} ({ACCOUNTABLE[RESPONSIBLE_LEAD]})", f"CareTeam.participant[{each.place}]")


def _at_once(one: RoleHeld, other: RoleHeld) -> bool:
    span = overlap(one.span, other.span)
    return one.role == other.role and one.who != other.who and span[0] < span[1]
