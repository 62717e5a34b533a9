"""Consent to share the enriched summary (docs/consents.md, 003 §3 KRI 5c)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import day_after_end, day_at, given_day
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.carers import ENRICHED_SUMMARY
from tandem.nhs.summary_consent import said_by

_STATUS: Final = {"yes": "permit", "no": "deny", "withdrawn": "withdrawn"}


def read_summary_consent(consent: Resource, event: Event) -> Iterable[Fact]:
    """What the person said: `status` permit, deny or withdrawn, from the day they said it, within its period.

    Of several the newest counts, which is for the measure to ask. A yes that is taken back was a yes until that day.
    """
    said = said_by(consent)
    if said is None:
        return
    provision = consent.get("provision") or {}
    period = provision.get("period") or {}
    given, today = given_day(consent.get("dateTime")), day_at(event.time)
    starts = [day for day in (given, given_day(period.get("start"))) if day is not None]
    end = str(period.get("end"))
    last = day_after_end(end) if given_day(end) is not None else None
    first = max(starts, default=None)
    if said == "withdrawn":
        if provision.get("type") == "permit":
            yield Fact("consent", first, today if last is None else min(last, today), status="permit",
                       category=ENRICHED_SUMMARY)  # fmt: skip
        yield Fact("consent", today, status="withdrawn", category=ENRICHED_SUMMARY)
        return
    yield Fact("consent", first if said == "yes" else given, last if said == "yes" else None, status=_STATUS[said],
               category=ENRICHED_SUMMARY)  # fmt: skip
