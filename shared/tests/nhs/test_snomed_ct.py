"""SNOMED CT identifiers: check digit, kind of component, length."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.nhs.snomed_ct import concept_fault, kind_of, verhoeff_holds


@pytest.mark.parametrize("identifier", ["73211009", "719329004", "1239511000000100", "138875005", "404684003"])
def test_concept_ids_are_accepted(identifier: str) -> None:
    assert concept_fault(identifier) is None


@pytest.mark.parametrize(
    ("identifier", "reason"),
    [
        ("250560019", "description id"),
        ("13697891000006114", "description id"),
        ("88961000000101", "check digit"),
        ("36550903", "check digit|partition"),
        ("73211008", "check digit"),
        ("73210109", "check digit"),  # two neighbours changed places
        ("7321", "6 to 18 digits, this has 4"),
        ("1234567890123456789", "6 to 18 digits, this has 19"),
        ("073211009", "leading zero"),
        ("73211009 ", "digits only"),
        ("٧٣٢١١٠٠٩", "digits only"),
        ("", "digits only"),
        ("E11", "digits only"),
    ],
)
def test_other_ids_are_refused_with_the_reason(identifier: str, reason: str) -> None:
    fault = concept_fault(identifier)
    assert fault is not None
    assert any(part in fault for part in reason.split("|"))


def test_the_reason_never_repeats_what_was_sent() -> None:
    assert "secret" not in (concept_fault("secret") or "")


def _with_check_digit(digits: str) -> str:
    [only] = [digits + check for check in "0123456789" if verhoeff_holds(digits + check)]
    return only


@given(st.integers(10**4, 10**16).map(str))
def test_every_number_has_one_check_digit_and_any_single_change_breaks_it(digits: str) -> None:
    whole = _with_check_digit(digits)
    for place, digit in enumerate(whole):
        other = str((int(digit) + 1) % 10)
        assert not verhoeff_holds(whole[:place] + other + whole[place + 1 :])


@given(st.integers(10**12, 10**13 - 1).map(str), st.sampled_from(["00", "01", "02", "10", "11", "12"]))
def test_the_partition_alone_tells_the_kind(item: str, pair: str) -> None:
    identifier = _with_check_digit(item + pair)
    expected = {"0": "concept", "1": "description", "2": "relationship"}[pair[1]]
    assert kind_of(identifier) == expected
    fault = concept_fault(identifier)
    assert (fault is None) == (expected == "concept")
    assert fault is None or expected in fault


def test_a_partition_that_is_none_is_named() -> None:
    identifier = _with_check_digit("123456790")
    assert kind_of(identifier) is None
    assert "90 is no partition" in (concept_fault(identifier) or "")


def test_a_namespace_needs_room() -> None:
    assert "namespace" in (concept_fault(_with_check_digit("1234510")) or "")
