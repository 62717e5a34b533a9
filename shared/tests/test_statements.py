"""What a statement may hold."""

from __future__ import annotations

from tandem.nhs.nhs_number import synthetic_number
from tandem.statements import LONGEST, fault_of


def test_a_statement_names_nobody_and_the_refusal_does_not_quote_it() -> None:
    number = synthetic_number(7)
    for text in (number, f"See {number[:3]} {number[3:6]} {number[6:]}.", "Patient/4 is well", "x" * (LONGEST + 1),
                 "bell\x07"):  # fmt: skip
        fault = fault_of(text)
        assert fault is not None
        assert number not in fault
    wrong = number[:9] + str((int(number[9]) + 1) % 10)
    for text in ("x" * LONGEST, f"Reference {wrong}", f"{number}1", "Two lines\nand 1948 people"):
        assert fault_of(text) is None
