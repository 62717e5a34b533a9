"""RiskAssessment: what is expected to happen, how likely, and how soon (http://hl7.org/fhir/R4/riskassessment.html).

"Prioritise people at high risk of their condition, circumstances or needs changing substantially within the next six
months" (anticipatory care, AC-038) is decided by `predicted-change-within-six-months`, which is current from six months
before the end of the predicted time until that end.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count as count_from
from typing import Any

from tandem.fhir.body import Resource
from tandem.record_facts.codings import derived, facts_with
from tandem.record_facts.days import first_given, last_day_of, months_after
from tandem.record_facts.fact import UNDATED, Fact

PREDICTED_CHANGE = "predicted-change"
PREDICTED_WITHIN_SIX_MONTHS = "predicted-change-within-six-months"

_FAR = 36_525
"""Days: what is expected after a century is not expected soon, and calendars end."""
_STANDS = {"preliminary", "final", "amended", "corrected"}
_MONTHS = {"mo": 1, "month": 1, "months": 1}
_DAYS = {"d": 1, "day": 1, "days": 1, "wk": 7, "week": 7, "weeks": 7}


def risk_assessment_facts(resource: Resource) -> list[Fact]:
    """Its code; of each prediction the outcome (value: its probability in percent) and the words for the risk.

    For a prediction with a time, `predicted-change` has as its value the months from the assessment to the end of
    that time, rounded up; it holds until then.
    """
    if resource.get("status") not in _STANDS:
        return []
    period = resource.get("occurrencePeriod") or {}
    starts = first_given(resource.get("occurrenceDateTime"), period.get("start"))
    known = UNDATED if starts is None else starts
    found = facts_with([resource.get("code")], known, None)
    for prediction in resource.get("prediction") or ():
        probability = prediction.get("probabilityDecimal")
        likely = None if probability is None else float(probability)
        ends = None if starts is None else _end(prediction, starts)
        until = None if ends is None else ends + 1
        found += facts_with([prediction.get("outcome")], known, until, likely)
        found += facts_with([prediction.get("qualitativeRisk")], known, until)
        if starts is not None and ends is not None and likely != 0:
            found += _how_soon(starts, max(starts, ends))
    return found


def _how_soon(starts: int, ends: int) -> Iterator[Fact]:
    if ends - starts > _FAR:
        return
    months = next(count for count in count_from((ends - starts) // 31) if months_after(starts, count) >= ends)
    yield derived(PREDICTED_CHANGE, starts, ends + 1, float(months))
    near = max(starts, months_after(ends, -6))
    yield derived(PREDICTED_WITHIN_SIX_MONTHS, near, ends + 1)


def _end(prediction: dict[str, Any], starts: int) -> int | None:
    """The last day of whenPeriod; or, of a whenRange in days, weeks or months, its upper bound from the assessment.

    A range in years is an age of the person and says nothing of how soon.
    """
    period, bounds = prediction.get("whenPeriod") or {}, prediction.get("whenRange") or {}
    if given := period.get("end") or period.get("start"):
        return last_day_of(str(given))
    bound = bounds.get("high") or bounds.get("low") or {}
    unit, number = str(bound.get("code") or bound.get("unit")), bound.get("value")
    if number is None or abs(number) > _FAR:
        return None
    if unit in _MONTHS and number <= _FAR // 31:
        return months_after(starts, int(number)) + round(float(number) % 1 * 30)
    return starts + int(float(number) * _DAYS[unit]) if unit in _DAYS else None
