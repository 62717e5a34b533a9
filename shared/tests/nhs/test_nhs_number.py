"""NHS numbers: the check digit, the ways to write one, and the synthetic range."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.nhs import nhs_number


@pytest.mark.parametrize("number", ["9434765919", "9912003888", "9000000009", "9449304130", "9999999999"])
def test_valid_numbers_are_accepted(number: str) -> None:
    assert nhs_number.is_valid(number)


@pytest.mark.parametrize(
    "number",
    [
        "4857773456",
        "3478526985",
        "9434765918",
        "943476591",
        "94347659190",
        "943476591X",
        "",
        "٩٤٣٤٧٦٥٩١٩",
        "9434765919\n",
    ],
)
def test_other_texts_are_not(number: str) -> None:
    assert not nhs_number.is_valid(number)


@pytest.mark.parametrize("written", ["943 476 5919", "943-476-5919", " 9434765919 ", "943\u00a0476\u00a05919"])
def test_separators_are_taken_out(written: str) -> None:
    assert nhs_number.normalise(written) == "9434765919"


def test_the_error_does_not_repeat_the_number() -> None:
    with pytest.raises(nhs_number.InvalidNhsNumber) as error:
        nhs_number.normalise("943 476 5918")
    assert "943" not in str(error.value)
    assert "5918" not in repr(error.value)


def test_nine_digits_without_check_digit_give_none() -> None:
    # 999000001: 243 + 2 = 245, 245 mod 11 = 3; 999000000: 243 mod 11 = 1, so the check digit would be 10.
    assert nhs_number.check_digit("999000000") is None
    assert nhs_number.check_digit("999000001") == 8
    with pytest.raises(nhs_number.InvalidNhsNumber):
        nhs_number.check_digit("99900000")


@given(st.integers(0, nhs_number.SYNTHETIC_CAPACITY - 1))
def test_synthetic_numbers_are_valid_and_of_the_999_range(index: int) -> None:
    number = nhs_number.synthetic_number(index)
    assert number.startswith("999")
    assert nhs_number.is_valid(number)


def test_synthetic_numbers_differ() -> None:
    numbers = {nhs_number.synthetic_number(index) for index in range(20_000)}
    assert len(numbers) == 20_000
    assert nhs_number.is_valid(nhs_number.synthetic_number(nhs_number.SYNTHETIC_CAPACITY - 1))


@pytest.mark.parametrize("index", [-1, nhs_number.SYNTHETIC_CAPACITY])
def test_synthetic_numbers_end(index: int) -> None:
    with pytest.raises(ValueError, match="index"):
        nhs_number.synthetic_number(index)


@given(st.from_regex(r"\A[0-9]{9}\Z"), st.integers(0, 8), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(nine_digits: str, place: int, shift: int) -> None:
    check = nhs_number.check_digit(nine_digits)
    if check is None:
        assert not any(nhs_number.is_valid(f"{nine_digits}{last}") for last in range(10))
        return
    changed = (int(nine_digits[place]) + shift) % 10
    wrong = f"{nine_digits[:place]}{changed}{nine_digits[place + 1 :]}{check}"
    assert nhs_number.is_valid(f"{nine_digits}{check}")
    assert not nhs_number.is_valid(wrong)
