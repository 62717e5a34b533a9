"""Which days of a period are counted, and as of which moment it is asked who belongs to whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

from metrics_service.domain.london_days import Day
from metrics_service.domain.measures.span import Span
from tandem.clock import to_micros
from tandem.fhir.outcome import FhirError, Kind


def counted(asked: Span, today: Day) -> Span:
    """The days that have been: of a period that goes on, those up to today. Raises FhirError 422 when none has."""
    if asked.first > today:
        raise FhirError(
            Kind.UNPROCESSABLE, "The period has not begun: nothing is to be counted", expression="periodStart"
        )
    return replace(asked, last=min(asked.last, today))


def membership_moment(span: Span, now: int) -> int:
    """The moment whose memberships count (microseconds): the end of the period, or now when it goes on."""
    end = datetime.combine(date.fromordinal(span.last) + timedelta(days=1), time(), UTC)
    return min(to_micros(end) - 1, now)
