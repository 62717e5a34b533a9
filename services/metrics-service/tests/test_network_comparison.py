"""Networks beside each other: ranks, variation, and which are alike."""

from __future__ import annotations

from metrics_service.domain.network_comparison import Variation, most_alike, ranks, variation


def test_the_highest_is_first_and_who_has_no_figure_has_no_rank() -> None:
    assert ranks({"a": 5.0, "b": None, "c": 9.0, "d": 5.0, "e": 1.0}) == {"c": 1, "a": 2, "d": 2, "e": 4}


def test_how_far_they_lie_apart() -> None:
    assert variation([4.0, 2.0, 9.0]) == Variation(2, 4, 9, 4.5)
    assert variation([0.0, 9.0]) == Variation(0, 4.5, 9, None)
    assert variation([4.0]) is None


def test_the_nearest_by_all_characteristics_in_common_come_first() -> None:
    alike = most_alike({
        "town": {"rural": 5.0, "beds": 100.0}, "city": {"rural": 0.0, "beds": 110.0},
        "moor": {"rural": 90.0, "beds": 20.0}, "dale": {"rural": 80.0}, "nothing": {},
    })  # fmt: skip
    assert alike["town"][0] == "city"
    assert alike["dale"][0] == "moor"
    assert alike["nothing"] == []
    assert all("nothing" not in each for each in alike.values())
    assert len(alike["town"]) == 3
