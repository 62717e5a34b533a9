"""Which coding of an order says what was ordered."""

from __future__ import annotations

from itertools import permutations

import pytest

from cohort_service.domain.facts.products import product_of
from tandem.canonical import DMD, SNOMED_CT
from tandem.nhs.value_set import BNF
from tandem.record_facts.fact import Fact

LOCAL = "urn:local"


@pytest.mark.parametrize(
    ("codes", "product"),
    [
        ([(DMD, "9"), (SNOMED_CT, "1"), (BNF, "1"), (LOCAL, "1")], (DMD, "9")),
        ([(SNOMED_CT, "9"), (BNF, "1"), (LOCAL, "1")], (SNOMED_CT, "9")),
        ([(BNF, "9"), (LOCAL, "1"), ("a:first", "1")], (BNF, "9")),
        ([(LOCAL, "9"), (LOCAL, "8"), ("urn:other", "1")], (LOCAL, "8")),
        ([(SNOMED_CT, "322236009"), (SNOMED_CT, "322237000")], (SNOMED_CT, "322236009")),
    ],
)
def test_the_product_does_not_depend_on_the_order_of_the_codings(
    codes: list[tuple[str, str]], product: tuple[str, str]
) -> None:
    facts = [Fact(system, code, 18_000, medicine=True) for system, code in codes]
    assert {product_of(each) for each in permutations(facts)} == {product}


def test_what_is_no_medicine_is_no_product() -> None:
    assert product_of([]) is None
    assert product_of([Fact(DMD, "1", 18_000), Fact(LOCAL, "2", 18_000, medicine=True)]) == (LOCAL, "2")
