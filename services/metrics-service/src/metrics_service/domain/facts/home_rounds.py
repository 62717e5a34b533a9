"""Rounds of care homes that were held, as mdt-service tells of them (docs/home-rounds.md)."""

from __future__ import annotations

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import given_day
from tandem.events.event import Event


def told_home_round(event: Event) -> Told | None:
    """A round: `place` the home, `organisation` who keeps the series, `value` its minutes, `status` counts or not.

    `category` is gp-led or other. Beside it the `clinician-time` that it took, in hours of everybody who was there.
    """
    data = event.data or {}
    appointment, revision = data.get("appointment"), data.get("revision")
    if not appointment or revision is None:
        return None
    source = f"home-round/{appointment}"
    if event.action == "withdrawn":
        return Told(source, int(revision), event.time, None, deleted=True)
    day, minutes = given_day(data.get("start")), float(data.get("minutes") or 0)
    owner, home, group = data.get("organisation"), data.get("home"), f"Appointment/{appointment}"
    held = Fact(
        "home-round", day, status="counts" if data.get("counts") else "does-not-count",
        category="gp-led" if data.get("gp_led") else "other", value=minutes, organisation=owner, place=home,
        group=group,
    )  # fmt: skip
    time = Fact(
        "clinician-time", day, category="home-round", value=minutes * int(data.get("staff") or 0) / 60,
        organisation=owner, place=home, group=group,
    )  # fmt: skip
    return Told(source, int(revision), event.time, None, (held, time))
