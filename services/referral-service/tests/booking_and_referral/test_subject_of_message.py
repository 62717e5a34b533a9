"""Whom a message is about: by the NHS number in use, wherever it stands in the list."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from referral_service.domain.booking_and_referral.referral_of_message import subject_of
from tandem.canonical import NHS_NUMBER
from tandem.fhir.outcome import FhirError

OLD = {"use": "old", "system": NHS_NUMBER, "value": "9990000018"}
NEW = {"system": NHS_NUMBER, "value": "999 000 0026"}


def message(*identifiers: dict[str, Any]) -> Any:
    person = {"resourceType": "Patient", "identifier": list(identifiers)}
    return SimpleNamespace(request={"subject": {}}, entries=SimpleNamespace(target=lambda _: person))


def test_a_superseded_number_is_passed_over() -> None:
    assert subject_of(message(OLD, NEW)) == {"identifier": {"system": NHS_NUMBER, "value": "9990000026"}}


def test_a_superseded_number_alone_names_nobody() -> None:
    with pytest.raises(FhirError, match="names a person by an NHS number"):
        subject_of(message(OLD))
