"""Figures that cannot be counted are refused where they are reported, and nothing of the report is kept."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from metrics_service.domain.facts.figures import faults_of_figures


def report(*, count: Any = 3, score: Any = Decimal("82.5")) -> dict[str, Any]:
    good = {"population": [{"count": 1}, {"code": {"text": "not counted"}}], "measureScore": {"value": 0}}
    return {"group": [good, {"population": [{"count": count}], "measureScore": {"value": score}}]}


def test_what_can_be_counted_has_no_fault() -> None:
    assert not list(faults_of_figures(report()))
    assert not list(faults_of_figures(report(count=0, score=-12)))
    assert not list(faults_of_figures({}))


@pytest.mark.parametrize("score", [Decimal("1e400"), Decimal("-1e400"), 10**500, 10**15])
def test_a_score_that_is_no_number_of_care_is_a_fault(score: Any) -> None:
    [(where, _)] = faults_of_figures(report(score=score))
    assert where == "MeasureReport.group[1].measureScore.value"


def test_a_population_below_nought_is_a_fault() -> None:
    [(where, text)] = faults_of_figures(report(count=-1))
    assert where == "MeasureReport.group[1].population[0].count"
    assert "nought or more" in text
