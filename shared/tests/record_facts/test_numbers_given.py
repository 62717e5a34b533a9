"""FHIR sets a decimal no bound; a fact has a number that can be counted, or none."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tandem.record_facts.medicines import in_use
from tandem.record_facts.numbers import LARGEST, number_given
from tandem.record_facts.observations import observation_facts

TOO_LARGE = [Decimal("1e400"), Decimal("-1e400"), 10**500, LARGEST]


@pytest.mark.parametrize(("given", "number"), [
    (None, None), (0, 0.0), (Decimal("-1.5"), -1.5), (Decimal("1e-400"), 0.0), (LARGEST - 1, 999_999_999_999_999.0),
    (True, None), ("5", None),
])  # fmt: skip
def test_what_is_given(given: Any, number: float | None) -> None:
    assert number_given(given) == number


@pytest.mark.parametrize("given", TOO_LARGE)
def test_what_is_too_large_is_no_number(given: Any) -> None:
    assert number_given(given) is None


@pytest.mark.parametrize("comparator", [{}, {"comparator": "<"}])
@pytest.mark.parametrize("given", TOO_LARGE)
def test_an_observation_keeps_its_code_without_such_a_value(given: Any, comparator: dict[str, str]) -> None:
    [fact] = observation_facts({
        "status": "final", "effectiveDateTime": "2020-06-01", "code": {"coding": [{"system": "urn:x", "code": "a"}]},
        "valueQuantity": {"value": given, **comparator},
    })  # fmt: skip
    assert (fact.code, fact.value) == ("a", None)


@pytest.mark.parametrize(("given", "days"), [(10**14, 36_525), (Decimal("1e400"), 28)])
def test_a_supply_lasts_a_hundred_years_at_most(given: Any, days: int) -> None:
    found = in_use({
        "resourceType": "MedicationRequest", "status": "completed", "intent": "order", "authoredOn": "2020-06-01",
        "dispenseRequest": {"expectedSupplyDuration": {"value": given, "code": "d"}},
    })  # fmt: skip
    assert found is not None
    assert found[1] is not None
    assert found[1] - found[0] == days
