"""A meeting as an Appointment and its series as a Schedule: what is read out of them and how they are made."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from mdt_service.domain.meetings.codes import (
    LEARNING_POINT,
    MDT_MEETING,
    MEETINGS,
    SAID_AS,
    SAID_FOR,
    SERIES,
    SESSION,
    TEAM,
)
from mdt_service.domain.meetings.meeting_transitions import moves_by_the_table
from tandem.canonical import APPOINTMENT_KIND
from tandem.clock import LONDON, to_instant
from tandem.fhir.body import Resource
from tandem.fhir.literal_reference import target_id
from tandem.fhir.outcome import Issue
from tandem.identity.organisations import reference_code
from tandem.service import Change

_TITLES = {MDT_MEETING: "Multidisciplinary team meeting", SESSION: "Significant event session"}


def kind_of_meeting(resource: Resource | None) -> str | None:
    """Which kind of meeting a Schedule or an Appointment claims to be of."""
    codings = [each for kind in (resource or {}).get("serviceType") or () for each in kind.get("coding") or ()]
    found = {each.get("code") for each in codings if each.get("system") == APPOINTMENT_KIND}
    return next((kind for kind in MEETINGS if kind in found), None)


def team_named(resource: Resource) -> str | None:
    """The id of the CareTeam whose meetings these are."""
    return target_id(_value(resource, TEAM), "CareTeam")


def series_named(meeting: Resource) -> str | None:
    """The id of the Schedule that a meeting belongs to."""
    return target_id(_value(meeting, SERIES), "Schedule")


def literal_of(participant: dict[str, Any]) -> str:
    """The reference of a participant."""
    return str((participant.get("actor") or {}).get("reference") or "")


def attended(participant: dict[str, Any]) -> bool:
    """Whether a participant was there: it is `accepted`, and says from when (000 §3.16 r4)."""
    return participant.get("status") == "accepted" and bool((participant.get("period") or {}).get("start"))


def with_attendance(meeting: Resource, present: set[str], absent: set[str], invited: Iterable[str]) -> Resource:
    """The meeting with who was there and who was not, and with those who were invited besides."""
    span = {name: meeting[name] for name in ("start", "end")}
    participants = [*(meeting.get("participant") or ()), *(participant(who) for who in invited)]
    marked = []
    for each in participants:
        if literal_of(each) in present:
            each = {**each, "status": "accepted", "period": span}
        elif literal_of(each) in absent:
            each = {**{name: value for name, value in each.items() if name != "period"}, "status": "declined"}
        marked.append(each)
    return {**meeting, "participant": marked}


def series_resource(identity: str, team: str, title: str, actors: list[str], first: str) -> Resource:
    """The Schedule of a team's meetings."""
    named = [{"reference": who} for who in actors] or [{"display": title}]
    return {
        "resourceType": "Schedule", "id": identity, "active": True, "serviceType": [_kind(MDT_MEETING)],
        "extension": [{"url": TEAM, "valueReference": {"reference": f"CareTeam/{team}"}}], "actor": named,
        "planningHorizon": {"start": first}, "comment": title,
    }  # fmt: skip


def meeting_resource(
    identity: str, kind: str, at: datetime, minutes: int, invited: Iterable[str], team: str | None, series: str | None
) -> Resource:
    """A planned meeting; `invited` are references of staff."""
    begins, ends = at.astimezone(LONDON), (at + timedelta(minutes=minutes)).astimezone(LONDON)
    named = {TEAM: f"CareTeam/{team}" if team else None, SERIES: f"Schedule/{series}" if series else None}
    extension = [{"url": url, "valueReference": {"reference": it}} for url, it in named.items() if it is not None]
    meeting: Resource = {
        "resourceType": "Appointment", "id": identity, "status": "booked", "serviceType": [_kind(kind)],
        "start": begins.isoformat(), "end": ends.isoformat(), "participant": [participant(who) for who in invited],
    }  # fmt: skip
    return meeting | ({"extension": extension} if extension else {})


def participant(who: str) -> dict[str, Any]:
    """Somebody who is invited."""
    return {"actor": {"reference": who}, "required": "required", "status": "needs-action"}


def annotation(
    text: str, author: dict[str, Any], organisation: dict[str, Any], role: str | None, at: datetime
) -> dict[str, Any]:  # fmt: skip
    """Words with who said them, in which role (a reference), for which organisation, and when."""
    extension = [{"url": SAID_FOR, "valueReference": organisation}]
    if role is not None:
        extension.append({"url": SAID_AS, "valueReference": {"reference": role}})
    return {"extension": extension, "authorReference": author, "time": to_instant(at), "text": text}


def speaker_of(said: dict[str, Any]) -> str:
    """Who said it: the role, else the author; empty for an author without a literal reference."""
    told = {each.get("url"): each.get("valueReference") for each in said.get("extension") or ()}
    return str((told.get(SAID_AS) or said.get("authorReference") or {}).get("reference") or "")


def organisation_of(said: dict[str, Any]) -> str | None:
    """For which organisation something was said: a code or `Organization/id`."""
    told = {each.get("url"): each.get("valueReference") for each in said.get("extension") or ()}
    return reference_code(told.get(SAID_FOR) or said.get("authorReference"))


def with_learning(meeting: Resource, said: dict[str, Any]) -> Resource:
    """The meeting with one more point of learning; the same words of the same author once."""
    for each in learning_points(meeting):
        if (each.get("text"), each.get("authorReference")) == (said["text"], said["authorReference"]):
            return meeting
    point = {"url": LEARNING_POINT, "valueAnnotation": said}
    return {**meeting, "extension": [*(meeting.get("extension") or ()), point]}


def learning_points(meeting: Resource) -> list[dict[str, Any]]:
    """What is to be learnt, each an Annotation."""
    told = meeting.get("extension") or ()
    return [each["valueAnnotation"] for each in told if each.get("url") == LEARNING_POINT and "valueAnnotation" in each]


def meeting_moves_by_the_table(change: Change) -> Iterator[Issue]:
    """The rule of states, for Appointments that claim to be meetings."""
    if kind_of_meeting(change.before) is not None and kind_of_meeting(change.after) is not None:
        yield from moves_by_the_table(change)


def _value(resource: Resource, url: str) -> Any:
    told = resource.get("extension") or ()
    return next((each.get("valueReference") for each in told if each.get("url") == url), None)


def _kind(kind: str) -> dict[str, Any]:
    return {"coding": [{"system": APPOINTMENT_KIND, "code": kind, "display": _TITLES[kind]}]}
