"""Observations that other services ask for."""

from __future__ import annotations

from typing import Any

import pytest

from cohort_service.domain.requested_observation import is_newer


def observation(*references: str) -> dict[str, Any]:
    return {"resourceType": "Observation", "derivedFrom": [{"reference": each} for each in references]}


@pytest.mark.parametrize(
    ("asked", "held", "newer"),
    [("2", "1", True), ("10", "9", True), ("1", "2", False), ("2", "2", False)],
)
def test_the_later_version_stays(asked: str, held: str, newer: bool) -> None:
    named = "QuestionnaireResponse/r1/_history/"
    assert is_newer(observation(named + asked), observation(named + held)) is newer


def test_the_first_is_put() -> None:
    assert is_newer(observation("QuestionnaireResponse/r1/_history/3"), None)
