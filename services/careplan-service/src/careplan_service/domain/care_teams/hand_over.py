"""Passing a role of a team on: the old holder's period ends with a date, the new one's begins (PCPC-051, PCPC-068)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from careplan_service.domain.care_teams.roles import ACCOUNTABLE, TITLES, RoleHeld, holders, role_codes, roles_held
from tandem.canonical import CARE_TEAM_HAND_OVER, CARE_TEAM_ROLE
from tandem.clock import LONDON, to_instant, to_micros
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue
from tandem.london_days import beginning_of, day_number, london_date


@dataclass(frozen=True, slots=True)
class HandOver:
    """`to` is a Reference to who takes over from day `since` on (a day in London), `reason` in words."""

    role: str
    to: dict[str, Any]
    on_behalf_of: dict[str, Any] | None
    reason: str
    since: date
    at: datetime


class CannotHandOver(ValueError):
    """Why not; `issue` says it as a refusal does."""

    def __init__(self, issue: Issue) -> None:
        self.issue = issue
        super().__init__(issue.text)


def handed_over(team: Resource, asked: HandOver) -> tuple[Resource, RoleHeld | None]:
    """The team after the hand-over, and who had the role; None when nobody had it. Raises CannotHandOver."""
    title, source = TITLES[asked.role], ACCOUNTABLE[asked.role]
    moment = beginning_of(day_number(asked.since) + 1) - 1
    now = list(holders(roles_held(team), asked.role, max(moment, to_micros(asked.at))))
    old = now[0] if now else None
    taken = RoleHeld("", -1, asked.role, asked.to, asked.on_behalf_of, (0, 1))
    if not taken.is_professional:
        raise CannotHandOver(Issue(f"The {title} is a Practitioner or PractitionerRole ({source})", "to"))
    if old is not None and old.who == taken.who:
        raise CannotHandOver(Issue(f"This is the {title} already ({source})", "to"))
    start, end = _turn(old, asked)
    participants = [dict(each) for each in team.get("participant") or ()]
    for each in now:
        participants = _ended(participants, each, asked.role, end)
    participants.append(_taking_over(asked, old, start))
    return {**team, "participant": participants}, old


def _turn(old: RoleHeld | None, asked: HandOver) -> tuple[str, str]:
    """From when the new one has the role, and until when the old one had it."""
    if old is None or old.span[0] < beginning_of(day_number(asked.since)):
        return asked.since.isoformat(), (asked.since - timedelta(days=1)).isoformat()
    if asked.since == london_date(asked.at) and old.span[0] < to_micros(asked.at):
        # Taken over today already: then the minute counts.
        moment = asked.at.astimezone(LONDON).isoformat(timespec="milliseconds")
        return moment, (asked.at - timedelta(milliseconds=1)).astimezone(LONDON).isoformat(timespec="milliseconds")
    text = f"The {TITLES[asked.role]} has the role only from that day on: hand over from a later day"
    raise CannotHandOver(Issue(f"{text} ({ACCOUNTABLE[asked.role]})", "from"))


def _ended(participants: list[dict[str, Any]], old: RoleHeld, role: str, end: str) -> list[dict[str, Any]]:
    """The participants with this role of one of them ended; other roles of the same participant go on beside it."""
    held = participants[old.place]
    ended = {**held, "period": {**(held.get("period") or {}), "end": end}}
    others = [each for each in role_codes(held) if each != role]
    if others:
        ended["role"] = [_role(role)]
        rest = [concept for concept in held.get("role") or () if role not in role_codes({"role": [concept]})]
        participants = [*participants, {**held, "role": rest or [_role(each) for each in others]}]
    return [ended if place == old.place else each for place, each in enumerate(participants)]


def _taking_over(asked: HandOver, old: RoleHeld | None, start: str) -> dict[str, Any]:
    said: list[dict[str, Any]] = [{"url": "from", "valueReference": old.member}] if old is not None else []
    said += [{"url": "reason", "valueString": asked.reason}, {"url": "at", "valueInstant": to_instant(asked.at)}]
    taking: dict[str, Any] = {
        "extension": [{"url": CARE_TEAM_HAND_OVER, "extension": said}], "role": [_role(asked.role)],
        "member": asked.to, "period": {"start": start},
    }  # fmt: skip
    return taking if asked.on_behalf_of is None else {**taking, "onBehalfOf": asked.on_behalf_of}


def _role(code: str) -> dict[str, Any]:
    title = TITLES.get(code)
    coding = {"system": CARE_TEAM_ROLE, "code": code}
    return {"coding": [{**coding, "display": title[0].upper() + title[1:]} if title else coding]}
