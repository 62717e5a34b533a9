"""Who was at a meeting, and whether they were enough (PCN-066, EHCH-024)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from mdt_service.domain.multidisciplinary_teams.make_up import Member


@dataclass(frozen=True, slots=True)
class Attendee:
    """Somebody invited, as known on the day of the meeting; `status` is that of the participant."""

    member: Member
    status: str
    attended: bool


def present(attendees: Iterable[Attendee]) -> list[Member]:
    """Who was there."""
    return [each.member for each in attendees if each.attended]


def below_quorum(attendees: Collection[Attendee], quorum: int | None) -> bool:
    """Whether fewer were there than the team asks for; a person in two roles is one."""
    people = {member.person or member.who for member in present(attendees)}
    return quorum is not None and len(people) < quorum


def by_organisation(meetings: Iterable[Collection[Attendee]]) -> Counter[str]:
    """At how many of these meetings somebody of each organisation (code) was."""
    counted: Counter[str] = Counter()
    for attendees in meetings:
        counted.update({code for member in present(attendees) for code in member.organisations})
    return counted
