"""What networks were matched on: the own value, and between which ends those of the others lie."""

from __future__ import annotations

from datetime import UTC, datetime

from metrics_service.dashboard.kept_figures import Kept
from metrics_service.dashboard.matching import Matching, characteristics_matched
from metrics_service.domain.measures.figure import Figure, Part
from metrics_service.domain.measures.span import Span
from metrics_service.measures.characteristics import BEDS, CALLED, CHARACTERISTICS
from metrics_service.measures.shipped import definitions

_FIGURES = [Figure(definitions()[name], Span(1, 2), Part(0, None, 0)) for name in CHARACTERISTICS]
_KEPT = [Kept(each, datetime(2020, 7, 1, tzinfo=UTC), 0.0, 0, 0) for each in _FIGURES]
_OLD = CHARACTERISTICS[1]
_VALUES = {
    "own": {BEDS: 100.0, _OLD: 9.0}, "near": {BEDS: 90.0, _OLD: 10.0}, "also": {BEDS: 110.0}, "far": {BEDS: 900.0},
}  # fmt: skip


def test_each_characteristic_has_the_ends_of_the_matched_and_of_all_others() -> None:
    rows = {each.name: each for each in characteristics_matched(Matching(("near", "also"), _VALUES, _KEPT), "own")}
    assert list(rows) == list(CALLED)
    beds = rows[BEDS]
    assert (beds.own, beds.alike, beds.others) == (100.0, (90.0, 110.0), (90.0, 900.0))
    assert (beds.definition.id, beds.unit) == (CHARACTERISTICS[0], "things"), "counted beside the residents"


def test_what_is_hidden_or_not_known_of_all_has_no_ends() -> None:
    rows = {each.name: each for each in characteristics_matched(Matching(("also",), _VALUES, _KEPT), "own")}
    assert (rows[_OLD].own, rows[_OLD].alike, rows[_OLD].others) == (9.0, None, (10.0, 10.0))
    rural = rows[CHARACTERISTICS[2]]
    assert (rural.own, rural.alike, rural.others, rural.unit) == (None, None, None, rural.definition.unit)
