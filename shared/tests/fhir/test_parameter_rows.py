"""Rows of Parameters: what each part may be, and that every fault is told at once."""

from __future__ import annotations

from typing import Any

import pytest

from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem_tests.asked_operation import asked

WHERE = "Parameters.parameter.where(name='row')[0].part.where(name='value')"


def row(*values: Any, key: str = "valueString") -> Part:
    """A row whose part `value` is given with each of these."""
    [found] = rows_asked(asked({"name": "row", "part": [{"name": "value", key: each} for each in values]}), "row")
    return found


def refused(part: Part) -> str:
    """The only fault of a row."""
    with pytest.raises(FhirError) as caught:
        refuse_faults([part])
    assert caught.value.kind is Kind.UNPROCESSABLE
    [issue] = caught.value.issues
    assert issue.expression == WHERE
    return issue.text


def test_rows_stand_in_their_order_beside_other_parameters() -> None:
    sent = [{"name": "row", "part": [{"name": "value", "valueString": each}]} for each in "abc"]
    rows = rows_asked(asked(sent[0], {"name": "date", "valueDate": "2020-07-01"}, *sent[1:]), "row")
    assert [each.text("value") for each in rows] == ["a", "b", "c"]
    assert rows[1].expression == "Parameters.parameter.where(name='row')[1]"
    refuse_faults(rows)


@pytest.mark.parametrize("parameters", [
    [], [{"name": "other", "valueString": "a"}], [{"name": "row", "part": {"name": "value"}}],
    [{"name": "row", "part": [{"valueString": "a"}]}], [{"name": "row", "part": ["a"]}],
])  # fmt: skip
def test_a_body_without_rows_is_refused(parameters: list[dict[str, Any]]) -> None:
    with pytest.raises(FhirError) as caught:
        rows_asked(asked(*parameters), "row")
    assert caught.value.kind is Kind.BAD_REQUEST


@pytest.mark.parametrize(("value", "found"), [("1970-01-01", 0), ("2020-07-01", 18444)])
def test_a_day_is_its_number(value: str, found: int) -> None:
    assert row(value).day("value") == found


@pytest.mark.parametrize("value", ["2020-02-30", "2020-07", "1969-12-31", ""])
def test_what_is_no_day(value: str) -> None:
    part = row(value)
    assert part.day("value") is None
    assert refused(part) == "value is a day such as 2020-06-30, from 1970 to 9990"


def test_the_last_day_of_the_calendar_is_no_end() -> None:
    assert row("9999-12-31").end("value") is None
    assert row("2020-07-01").end("value") == 18444
    refuse_faults([row("9999-12-31")])
    part = row("9999-12-31")
    assert part.day("value") is None
    assert "9999-12-31 stands for no end" in refused(part)


@pytest.mark.parametrize("value", [-1, 2_000_000_001, True, "7", 1.5])
def test_what_is_no_whole_number(value: Any) -> None:
    part = row(value, key="valueInteger")
    assert part.whole_number("value") is None
    assert refused(part) == "value is a whole number, 0 or more"


@pytest.mark.parametrize(("value", "found"), [(0, 0.0), (7.5, 7.5), (100, 100.0)])
def test_a_number_within_its_bounds(value: float, found: float) -> None:
    assert row(value, key="valueDecimal").number("value", most=100) == found


@pytest.mark.parametrize("value", [-0.1, 100.1, True, "7", {}])
def test_what_is_no_number_within_its_bounds(value: Any) -> None:
    part = row(value, key="valueDecimal")
    assert part.number("value", most=100) is None
    assert refused(part) == "value is a number from 0 to 100"


@pytest.mark.parametrize("value", ["", "  ", "a\nb", "x" * 201, 7])
def test_what_is_no_text_of_one_line(value: Any) -> None:
    part = row(value)
    assert part.text("value") is None
    assert refused(part) == "value is a text of 1 to 200 characters on one line"


def test_a_part_that_is_missing_or_given_twice() -> None:
    assert row().text("value", required=False) is None
    for part in (row(), row("a", "b")):
        assert part.text("value") is None
        assert refused(part) == "value is given once: a text"


def test_every_fault_of_every_row_is_told_up_to_a_hundred() -> None:
    sent = {"name": "row", "part": [{"name": "value", "valueString": "never"}]}
    rows = rows_asked(asked(*[sent] * 120), "row")
    for each in rows:
        each.day("value")
    with pytest.raises(FhirError) as caught:
        refuse_faults(rows)
    assert len(caught.value.issues) == 100
    assert caught.value.issues[1].expression == WHERE.replace("[0]", "[1]")
