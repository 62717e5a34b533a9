"""A home round as an Appointment, and its series as a Schedule: what is read out of them and how they are made."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from mdt_service.domain.home_rounds.codes import (
    CARE_HOME,
    HOME_ROUND,
    LEADER,
    PARTICIPATION,
    SERIES,
)
from tandem.canonical import APPOINTMENT_KIND, DELIVERY_CHANNEL
from tandem.clock import LONDON
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code

STAFF = ("Practitioner/", "PractitionerRole/")


def is_of_rounds(resource: Resource | None) -> bool:
    """Whether a Schedule or an Appointment claims to be of home rounds."""
    codings = [each for kind in (resource or {}).get("serviceType") or () for each in kind.get("coding") or ()]
    return any(each.get("system") == APPOINTMENT_KIND and each.get("code") == HOME_ROUND for each in codings)


def home_named(resource: Resource) -> str | None:
    """The home that the extension names: a code or `Organization/id`."""
    return reference_code(_extension(resource, CARE_HOME).get("valueReference"))


def series_named(round_: Resource) -> str | None:
    """The id of the Schedule that a round belongs to."""
    literal = str((_extension(round_, SERIES).get("valueReference") or {}).get("reference") or "")
    return literal.removeprefix("Schedule/") if literal.startswith("Schedule/") else None


def mode_of(round_: Resource) -> str | None:
    """How a round is held: a code of the delivery channel."""
    return _extension(round_, DELIVERY_CHANNEL).get("valueCode")


def staff_of(round_: Resource) -> list[tuple[str, dict[str, Any]]]:
    """Reference and participant of everybody of the staff."""
    found = [(_literal(each), each) for each in round_.get("participant") or ()]
    return [(literal, each) for literal, each in found if literal.startswith(STAFF)]


def named_team(schedule: Resource) -> list[str]:
    """The staff that a series names as its team."""
    literals = [str(each.get("reference") or "") for each in schedule.get("actor") or ()]
    return [each for each in literals if each.startswith(STAFF)]


def leads(participant: dict[str, Any]) -> bool:
    """Whether a participant leads the round."""
    codings = [each for kind in participant.get("type") or () for each in kind.get("coding") or ()]
    return any(each.get("code") == LEADER for each in codings)


def series_resource(
    identity: str, home: dict[str, Any], actors: list[dict[str, Any]], first: str, until: str | None
) -> Resource:  # fmt: skip
    """The Schedule of a home's weekly rounds, from a day on."""
    return {
        "resourceType": "Schedule", "id": identity, "active": True, "serviceType": [_kind()],
        "extension": [{"url": CARE_HOME, "valueReference": home}], "actor": actors,
        "planningHorizon": {"start": first, **({"end": until} if until else {})},
    }  # fmt: skip


def round_resource(
    identity: str, series: Resource, at: datetime, minutes: int, mode: str, team: list[tuple[str, bool]]
) -> Resource:
    """A planned round; `team` are references of staff, each with whether it leads."""
    home = _extension(series, CARE_HOME)["valueReference"]
    begins, ends = at.astimezone(LONDON), (at + timedelta(minutes=minutes)).astimezone(LONDON)
    return {
        "resourceType": "Appointment", "id": identity, "status": "booked", "serviceType": [_kind()],
        "extension": [
            {"url": CARE_HOME, "valueReference": home}, {"url": DELIVERY_CHANNEL, "valueCode": mode},
            {"url": SERIES, "valueReference": {"reference": f"Schedule/{series['id']}"}},
        ],
        "start": begins.isoformat(), "end": ends.isoformat(),
        "participant": [participant(who, leading) for who, leading in team],
    }  # fmt: skip


def participant(who: str, leading: bool, status: str = "needs-action") -> dict[str, Any]:
    """Somebody of the staff as a participant of a round."""
    kind = [{"coding": [{"system": PARTICIPATION, "code": LEADER if leading else "PART"}]}]
    return {"type": kind, "actor": {"reference": who}, "status": status}


def _extension(resource: Resource, url: str) -> dict[str, Any]:
    return next((each for each in resource.get("extension") or () if each.get("url") == url), {})


def _literal(participant_: dict[str, Any]) -> str:
    return str((participant_.get("actor") or {}).get("reference") or "")


def _kind() -> dict[str, Any]:
    return {"coding": [{"system": APPOINTMENT_KIND, "code": HOME_ROUND, "display": "Care home round"}]}
