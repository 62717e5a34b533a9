"""The networks of an area and the practices of each: where a network is hidden, its practices are."""

from __future__ import annotations

from metrics_service.dashboard.within import networks_seen, practices_seen
from metrics_service.domain.measures.figure import Figure, Part
from metrics_service.domain.measures.span import Span
from metrics_service.measures.shipped import definitions

NETWORKS = {"U1": ("U1", "a1"), "U2": ("U2", "b1", "b2"), "U3": ("U3", "c1")}
PEOPLE = {"a1": 3, "b1": 20, "b2": 15, "c1": 100, "d1": 40}
"""People of each practice; d1 is in no network."""
FIGURE = Figure(
    definitions()["care-home-residents"], Span(1, 2), Part(178, None, 178),
    by_practice={code: Part(number, None, number) for code, number in PEOPLE.items()},
)  # fmt: skip


def test_practices_of_a_network_that_is_hidden_beside_a_small_one_are_hidden_with_it() -> None:
    above = networks_seen(FIGURE, NETWORKS, exact=False, total_hidden=False)
    assert {code for code, part in above.items() if part is None} == {"U1", "U2"}, "U2 is the smallest beside U1"
    below = practices_seen(FIGURE, NETWORKS, exact=False, total_hidden=False)
    assert {code for code, part in below.items() if part is None} == {"a1", "b1", "b2"}
    assert (below["c1"], below["d1"]) == (Part(100, None, 100), Part(40, None, 40))


def test_who_cares_for_the_people_sees_all_of_them() -> None:
    assert practices_seen(FIGURE, NETWORKS, exact=True, total_hidden=False) == FIGURE.by_practice


def test_of_a_hidden_area_nothing_is_shown() -> None:
    assert set(practices_seen(FIGURE, NETWORKS, exact=False, total_hidden=True).values()) == {None}
    assert set(networks_seen(FIGURE, NETWORKS, exact=False, total_hidden=True).values()) == {None}


def test_a_practice_of_two_networks_is_hidden_where_one_of_them_is() -> None:
    both = {**NETWORKS, "U3": ("U3", "c1", "b1")}
    assert practices_seen(FIGURE, both, exact=False, total_hidden=False)["b1"] is None
