"""Quartiles of peers and the limits of a funnel, by numbers worked out by hand."""

from __future__ import annotations

import pytest

from metrics_service.domain.comparison import ALARM, WARNING, Funnel, quartiles_of


def test_quartiles_need_five_peers() -> None:
    assert quartiles_of([1, 2, 3, 4]) is None
    found = quartiles_of([10, 20, 30, 40, 50])
    assert found is not None
    assert (found.lower, found.middle, found.upper, found.peers) == (20, 30, 40, 5)


@pytest.mark.parametrize(
    ("value", "quarter"), [(5, "lowest"), (20, "second"), (29, "second"), (30, "third"), (40, "third"), (41, "highest")]
)
def test_the_quarter_of_a_value(value: float, quarter: str) -> None:
    found = quartiles_of([10, 20, 30, 40, 50])
    assert found is not None
    assert found.quarter(value) == quarter


def test_limits_of_a_share_are_binomial() -> None:
    # The root of 0.5 * 0.5 / 100 is 0.05.
    assert Funnel(50, 100, share=True).limits(100, WARNING) == pytest.approx((40.2, 59.8))
    assert Funnel(50, 100, share=True).limits(100, ALARM) == pytest.approx((34.55, 65.45))


def test_limits_of_a_rate_are_poisson() -> None:
    # 10 per 1,000 of 10,000 people: the root of 0.01 / 10,000 is 0.001, which is 1 per 1,000.
    assert Funnel(10, 1000, share=False).limits(10_000, WARNING) == pytest.approx((8.04, 11.96))


def test_limits_stay_where_figures_can_be() -> None:
    assert Funnel(98, 100, share=True).limits(10, ALARM)[1] == 100
    assert Funnel(1, 1000, share=False).limits(10, ALARM)[0] == 0


@pytest.mark.parametrize(
    ("value", "place"), [(50, "within"), (60, "high"), (40, "low"), (66, "far-high"), (34, "far-low")]
)
def test_where_a_figure_lies(value: float, place: str) -> None:
    assert Funnel(50, 100, share=True).place(value, 100) == place
