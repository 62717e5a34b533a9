"""Diagnoses of cancer, as referral-service tells of them, and the waits before and after them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from metrics_service.domain.facts.fact import Fact, Told
from metrics_service.domain.london_days import Day, given_day
from tandem.events.event import Event

PRIMARY_CARE: Final = "primary-care"
HOSPITAL_DIAGNOSTIC: Final = "hospital-diagnostic"
HOSPITAL_TREATMENT: Final = "hospital-treatment"


def told_cancer_diagnosis(event: Event) -> Told | None:
    """`category` is the type, `detail` the stage (1 to 4, not-staged), `place` the route, `status` treated or not.

    `group` is the request whose safety net it was recorded of. What was recorded last of one net, or of the same type
    and day of a person without a net, counts: the place of the event in the log orders them.
    """
    data = event.data or {}
    day, group = given_day(data.get("day")), data.get("request")
    if day is None or event.position is None or event.patient is None:
        return None
    type_of = str(data.get("type"))
    diagnosis = Fact(
        "cancer-diagnosis", day, status="treated" if given_day(data.get("treated")) else "diagnosed",
        category=type_of, detail=data.get("stage"), place=data.get("route"), group=group,
    )  # fmt: skip
    source = group or f"{event.patient}/{type_of}/{data['day']}"
    facts = (diagnosis, *_waits(data, day, type_of, group))
    return Told(f"cancer-diagnosis/{source}", event.position, event.time, event.patient, facts)


def _waits(data: Mapping[str, Any], day: Day, type_of: str, group: str | None) -> Iterator[Fact]:
    """What is primary care's and what is the hospital's, apart (002 ECD key2, ECD-067): days, on the diagnosis' day.

    From the first presentation to the referral; from the referral to the diagnosis; from there to the treatment.
    """
    presented, referred = given_day(data.get("first")), given_day(data.get("referred"))
    for name, start, end in (
        (PRIMARY_CARE, presented, referred), (HOSPITAL_DIAGNOSTIC, referred, day),
        (HOSPITAL_TREATMENT, day, given_day(data.get("treated"))),
    ):  # fmt: skip
        if start is not None and end is not None and start <= end:
            yield Fact("cancer-wait", day, category=name, detail=type_of, value=float(end - start), group=group)
