"""Whom a round sees first."""

from __future__ import annotations

from typing import Any

import pytest

from mdt_service.domain.home_rounds.acuity import Acuity, acuity_of
from mdt_service.domain.home_rounds.consistency import consistency
from mdt_service.domain.home_rounds.round_list import Flag, ListedResident, Triage, ranked

NO_NEED = Triage("t", "routine", "no-review-needed")


def a_flag(since: int = 1, code: str | None = None, triage: Triage | None = None) -> Flag:
    return Flag(f"f{since}", since, code, "Eats little", "VE001", triage)


def score(value: int, day: str, identity: str = "o", **more: Any) -> dict[str, Any]:
    return {
        "resourceType": "Observation", "id": identity, "status": "final", "valueInteger": value,
        "code": {"coding": [{"system": "http://snomed.info/sct", "code": "1104051000000101"}]},
        "effectiveDateTime": day, **more,
    }  # fmt: skip


def test_rising_scores_come_first_and_who_has_no_reason_is_left_out() -> None:
    residents = [
        ListedResident("nobody", (), Acuity(2, "2020-12-01", 3), False),
        ListedResident("flagged", (a_flag(),), None, False),
        ListedResident("urgent", (a_flag(9, None, Triage("t", "urgent", "next-round")),), None, False),
        ListedResident("dying", (), None, True),
        ListedResident("high", (), Acuity(7, "2020-12-01", 7), False),
        ListedResident("rising", (), Acuity(3, "2020-12-01", 1), False),
        ListedResident("rising-more", (), Acuity(6, "2020-12-01", 5), False),
        ListedResident("no-need", (a_flag(3, "end-of-life-care", NO_NEED),), None, False),
    ]  # fmt: skip
    assert [each.patient for each in ranked(residents)] == [
        "rising-more", "rising", "high", "urgent", "flagged", "dying",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("scores", "found"),
    [
        ([], None),
        ([score(3, "2020-11-30")], Acuity(3, "2020-11-30", None)),
        ([score(5, "2020-12-01", "b"), score(3, "2020-11-30", "a")], Acuity(5, "2020-12-01", 3)),
        ([score(5, "2020-12-01", status="entered-in-error")], None),
        ([score(5, "2020-12-01", effectiveDateTime=None)], None),
    ],
)
def test_the_latest_score_and_the_one_before(scores: list[dict[str, Any]], found: Acuity | None) -> None:
    assert acuity_of(scores) == found


def test_a_score_is_rising_or_urgent() -> None:
    assert Acuity(2, "2020-12-01", 1).acute
    assert Acuity(5, "2020-12-01", 6).acute
    assert not Acuity(4, "2020-12-01", 4).acute


def test_the_core_team_is_who_was_there_at_half_of_the_rounds() -> None:
    found = consistency([{"a", "b"}, {"a", "b"}, {"a", "c"}, {"a", "d"}], (), 4, 0.6)
    assert (found.core, found.shares, found.low) == (("a", "b"), (1.0, 1.0, 0.5, 0.5), False)
    assert consistency([{"a"}, {"a", "b"}, {"a"}, {"a"}], (), 4, 0.6).low
    assert not consistency([{"a"}, {"b"}, {"c"}], (), 4, 0.6).low
    assert consistency([{"a"}, {"b"}, {"c"}, {"d"}], (), 4, 0.6).low
