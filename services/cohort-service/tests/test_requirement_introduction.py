"""When a requirement comes into force for a network, by its phase and by the network's own switches."""

from __future__ import annotations

from datetime import date

import pytest

from cohort_service.domain.requirements.introduction import Introduction, introduction
from cohort_service.domain.requirements.phase import NEVER

PHASE, DAY = date(2021, 4, 1), date(2020, 7, 1)
EARLIER, LATER = date(2020, 6, 1), date(2020, 10, 1)


@pytest.mark.parametrize(("starts", "switches", "expected"), [
    (None, [], Introduction("in-force")),
    (PHASE, [], Introduction("upcoming", PHASE)),
    (NEVER, [], Introduction("announced")),
    (NEVER, [(LATER, True)], Introduction("upcoming", LATER, None, True)),
    (PHASE, [(DAY, True)], Introduction("in-force", DAY, None, True)),
    (PHASE, [(LATER, True)], Introduction("upcoming", LATER, None, True)),
    (PHASE, [(LATER, False)], Introduction("announced", switched=True)),
    (EARLIER, [(LATER, False)], Introduction("in-force", EARLIER, date(2020, 9, 30), True)),
    (EARLIER, [(EARLIER, False), (LATER, True)], Introduction("upcoming", LATER, None, True)),
    (None, [(EARLIER, False)], Introduction("ended", None, date(2020, 5, 31), True)),
    (None, [(EARLIER, False), (LATER, True)], Introduction("upcoming", LATER, None, True)),
    (EARLIER, [(LATER, True)], Introduction("in-force", EARLIER)),
])  # fmt: skip
def test_the_span_that_holds_the_day_or_else_the_next_one(
    starts: date | None, switches: list[tuple[date, bool]], expected: Introduction
) -> None:
    assert introduction(starts, switches, DAY) == expected
