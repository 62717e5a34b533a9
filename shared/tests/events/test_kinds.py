from __future__ import annotations

import pytest

from tandem.events.kinds import matches, routing_key, spelled_out, widened


@pytest.mark.parametrize(
    ("pattern", "kind", "expected"),
    [
        ("fhir.Task.*", "fhir.Task.create", True),
        ("fhir.Task.create", "fhir.Task.create", True),
        ("fhir.Task.create", "fhir.Task.update", False),
        ("fhir.List.*", "fhir.ListOther.create", False),
        ("tandem.cohort.entered", "tandem.cohort.entered", True),
        ("tandem.cohort.entered", "tandem.cohort.left", False),
    ],
)
def test_a_pattern_takes_in_its_kinds(pattern, kind, expected):
    assert matches(pattern, kind) is expected


def test_a_consumer_receives_every_action_of_a_type():
    assert widened(["fhir.Task.update", "fhir.Task.*", "tandem.cohort.entered"]) == (
        "fhir.Task.*", "tandem.cohort.entered",
    )  # fmt: skip


@pytest.mark.parametrize("pattern", ["", "fhir.*", "fhir.Task", "fhir..create", "tandem.cohort.*", "other.Task.create"])
def test_what_is_no_pattern_is_refused(pattern):
    with pytest.raises(ValueError, match="event"):
        widened([pattern])


def test_routing_keys():
    assert routing_key("fhir.Task.create") == "Task.create"
    assert routing_key("fhir.Task.*") == "Task.*"
    assert routing_key("tandem.cohort.entered") == "tandem.cohort.entered"


def test_patterns_are_spelled_out():
    assert spelled_out(["fhir.Task.*", "tandem.cohort.entered"]) == [
        "fhir.Task.create", "fhir.Task.update", "fhir.Task.delete", "tandem.cohort.entered",
    ]  # fmt: skip
