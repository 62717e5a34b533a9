"""What the judgement of targets adds to the declaration of the service."""

from __future__ import annotations

from metrics_service.missed_targets.year_timers import (
    DUTY_REQUESTED,
    NETWORK_JUDGED,
    YEAR_ENDED,
    expect_year,
    judge_network,
    year_ended,
)
from tandem.service import Timer
from tandem.service_part import Part

PART = Part(
    timers=(Timer(YEAR_ENDED, year_ended), Timer(NETWORK_JUDGED, judge_network)),
    emits={DUTY_REQUESTED: "A network missed the target of a year: a duty is asked for."},
    seeds=(expect_year,),
)
