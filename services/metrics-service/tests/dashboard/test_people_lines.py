"""How a person stands in a worklist."""

from __future__ import annotations

from metrics_service.dashboard.people_page import _line
from tandem.canonical import NHS_NUMBER


def test_the_nhs_number_is_the_one_in_use() -> None:
    old, new = {"use": "old", "value": "9990001234"}, {"value": "9990005678"}
    patient = {"resourceType": "Patient", "identifier": [{"system": NHS_NUMBER, **each} for each in (old, new)]}
    assert _line("1", patient, ()).nhs_number == "9990005678"
    assert _line("1", {"resourceType": "Patient", "identifier": patient["identifier"][:1]}, ()).nhs_number == ""
