"""Meetings of multidisciplinary teams, as mdt-service tells of them; nobody who was discussed is named."""

from __future__ import annotations

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import given_day
from tandem.events.event import Event


def told_meeting(event: Event) -> Told | None:
    """A meeting held: `value` how many were there, `status` quorate or below-quorum, `group` the team.

    Beside it `meeting-member`: one for each organisation (`category` organisation, `detail` its code) and each
    discipline (`category` discipline) that was there (003 §3 KRI 5a, PCPC-082).
    """
    data = event.data or {}
    day, appointment, owner = given_day(data.get("start")), data.get("appointment"), data.get("organisation")
    if day is None or not appointment:
        return None
    team = data.get("team")
    group = f"CareTeam/{team}" if team else None
    held = Fact(
        "meeting", day, status="below-quorum" if data.get("below_quorum") else "quorate", category=data.get("kind"),
        value=float(data.get("attended") or 0), organisation=owner, group=group,
    )  # fmt: skip
    there = [("organisation", code) for code in data.get("organisations") or ()]
    there += [("discipline", kind) for kind in data.get("disciplines") or ()]
    members = (
        Fact("meeting-member", day, category=name, detail=str(code), organisation=owner, group=group)
        for name, code in there
    )
    return Told(f"meeting/{appointment}", 1, event.time, None, (held, *members))
