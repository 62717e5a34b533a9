"""Parameters of operations: what is read of them, and what is refused without repeating it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from tandem.clock import LONDON
from tandem.fhir import operation_parameters as read
from tandem.fhir.body import decode
from tandem.fhir.operation import OperationCall
from tandem.fhir.organisation_parameter import code_parameter, organisation_named
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameters_answer import (
    answer,
    coded,
    instant,
    number,
    numbered_day,
    on_day,
    parts,
    reference,
    text,
    yes,
)
from tandem.fhir.reference_parameter import STAFF, literal_given, reference_given, staff_given
from tandem.london_days import day_number
from tandem_tests.asked_operation import asked, given

SECRET = "Marlowequill"


def refusal(ask: Callable[[], Any]) -> FhirError:
    """The refusal, which says nothing of what was sent."""
    with pytest.raises(FhirError) as caught:
        ask()
    assert all(SECRET not in issue.text for issue in caught.value.issues)
    return caught.value


def test_a_parameter_that_the_operation_does_not_have_is_named_with_those_it_has() -> None:
    read.only(given(date="2020-07-01"), ("date", "network"))
    found = refusal(lambda: read.only(given(day=SECRET), ("date", "network")))
    assert found.kind is Kind.UNSUPPORTED_PARAMETER
    assert found.issues[0].text == "There is no parameter day here; there are date, network"
    assert found.issues[0].expression == "day"


def test_of_names_that_a_caller_made_up_little_is_repeated() -> None:
    long = {"x" * 300: "1", "y" * 300: "1"}
    found = refusal(lambda: read.only(given(**long), ("date",)))
    assert found.issues[0].text == f"There is no parameter {'x' * 64} here; there are date"
    assert found.issues[0].expression == "x" * 64
    assert refusal(lambda: read.only(given(**{"": "1"}), ("date",))).issues[0].expression is None


@pytest.mark.parametrize(("value", "found"), [("walks", "walks"), ("  walks ", "walks"), ("   ", None), ("", None)])
def test_a_text_loses_the_blanks_around_it(value: str, found: str | None) -> None:
    assert read.optional_text(given(text=value), "text") == found
    if found is None:
        assert refusal(lambda: read.required_text(given(text=value), "text")).issues[0].expression == "text"
    else:
        assert read.required_text(given(text=value), "text") == found


def test_a_file_stays_as_it_was_sent() -> None:
    assert read.whole_text(given(file="\n  id: walks\n"), "file") == "\n  id: walks\n"
    for call in (given(), given(file="\n ")):
        assert refusal(lambda call=call: read.whole_text(call, "file")).kind is Kind.BAD_REQUEST


def test_a_short_text_is_refused_when_it_is_blank_or_long() -> None:
    assert read.short_text(given(), "tool") is None
    assert read.short_text(given(tool=" Finder "), "tool") == "Finder"
    for value in (" ", "", "x" * 201, "Fin\x00der", 7):
        assert refusal(lambda value=value: read.short_text(given(tool=value), "tool")).kind is Kind.BAD_REQUEST


def test_a_short_text_that_must_be_given() -> None:
    assert read.required_short_text(given(source=" 000 §3.16 "), "source") == "000 §3.16"
    for call in (given(), given(source=" "), given(source="x" * 201)):
        found = refusal(lambda call=call: read.required_short_text(call, "source"))
        assert (found.kind, found.issues[0].expression) == (Kind.BAD_REQUEST, "source")


def test_a_name_is_of_small_letters_digits_and_hyphens() -> None:
    assert read.required_name(given(cohort="care-home-65"), "cohort") == "care-home-65"
    assert read.names(given(cohort="walks"), "cohort") == ["walks"]
    assert read.names(given(), "cohort") == []
    assert refusal(lambda: read.required_name(given(), "cohort")).issues[0].expression == "cohort"
    for value in (SECRET, "-a", "a b", "a" * 65):
        for reading in (read.required_name, read.names):
            found = refusal(lambda value=value, reading=reading: reading(given(cohort=value), "cohort"))
            assert (found.kind, found.issues[0].expression) == (Kind.BAD_REQUEST, "cohort")


def test_a_reference_is_to_one_of_some_types() -> None:
    for value in ("Practitioner/1", {"reference": "Practitioner/1"}):
        assert literal_given(value, "leader", STAFF) == "Practitioner/1"
        assert reference_given(value, "leader", STAFF)["reference"] == "Practitioner/1"
    for value in ("Practitioner/", "Practitioner", f"Patient/{SECRET}", {"reference": 7}, {"display": SECRET}, 7, None):
        found = refusal(lambda value=value: literal_given(value, "leader", STAFF))
        assert found.issues[0].text == "leader is a Reference to a PractitionerRole or a Practitioner"
        assert found.issues[0].expression == "leader"


def test_staff_is_named_once_each() -> None:
    named = [{"name": "leader", "valueString": f"PractitionerRole/{each}"} for each in (2, 1, 2)]
    assert staff_given(asked(*named), "leader") == ["PractitionerRole/2", "PractitionerRole/1"]
    assert staff_given(asked(), "leader") == []


def test_texts_may_be_repeated_and_none_of_them_blank() -> None:
    call = asked({"name": "cohort", "valueCode": "a"}, {"name": "cohort", "valueCode": " b "})
    assert read.texts(call, "cohort") == ["a", "b"]
    assert read.texts(given(), "cohort") == []
    for value in (" ", 7, {"reference": SECRET}):
        found = refusal(lambda value=value: read.texts(given(cohort=value), "cohort"))
        assert found.issues[0].text == "cohort is a text"


@pytest.mark.parametrize(("value", "found"), [(True, True), ("true", True), (False, False), ("false", False)])
def test_a_flag_is_a_boolean_or_its_word(value: Any, found: bool) -> None:
    assert read.flag(given(on=value), "on", default=not found) is found
    assert read.optional_flag(given(on=value), "on") is found


def test_a_flag_that_is_not_given_is_what_the_operation_says() -> None:
    assert read.flag(given(), "on") is False
    assert read.flag(given(), "on", default=True) is True
    assert read.optional_flag(given(), "on") is None


@pytest.mark.parametrize("value", ["yes", "True", "", 1, 0, {"reference": SECRET}])
def test_what_is_no_flag_is_refused(value: Any) -> None:
    assert refusal(lambda: read.flag(given(on=value), "on")).issues[0].text == "on is true or false"


@pytest.mark.parametrize(("value", "found"), [(0, 0), ("12", 12), (999_999_999, read.LARGEST), ("007", 7)])
def test_a_whole_number(value: Any, found: int) -> None:
    assert read.whole_number(given(most=value), "most", 5) == found
    assert read.whole_number(given(), "most", 5) == 5


@pytest.mark.parametrize("value", [-1, "1.5", "1000000000", 10**12, True, "", "²", "١", "1e3", " 1"])
def test_what_is_no_whole_number_is_refused(value: Any) -> None:
    assert refusal(lambda: read.whole_number(given(most=value), "most", 5)).kind is Kind.BAD_REQUEST


def test_a_page_is_never_larger_than_the_largest() -> None:
    assert read.page(given()) == (100, 0)
    assert read.page(given(_count=5000, _offset=7)) == (1000, 7)
    assert read.page(given(_count="3"), 50, largest=200) == (3, 0)
    assert read.page(given(), 50, largest=200) == (50, 0)


def test_a_day_in_full() -> None:
    assert read.optional_day(given(date="2020-02-29"), "date") == date(2020, 2, 29)
    assert read.required_day(given(date="1970-01-01"), "date") == date(1970, 1, 1)
    assert read.day_number_or_today(given(date="1970-01-02")) == 1
    assert read.optional_day(given(), "date") is None
    assert refusal(lambda: read.required_day(given(), "date")).issues[0].expression == "date"


@pytest.mark.parametrize(
    "value", ["2021-02-29", "2020-07", "20200701", "2020-W27-3", "1969-12-31", "9999-12-31", "01/07/2020", 20200701,
              "2020-07-01T09:00:00Z"],
)  # fmt: skip
@pytest.mark.parametrize("reading", [read.optional_day, read.required_day, read.day_or_today])
def test_what_is_no_day_is_refused(value: Any, reading: Callable[[OperationCall, str], Any]) -> None:
    assert refusal(lambda: reading(given(date=value), "date")).kind is Kind.BAD_REQUEST


def test_the_last_day_of_the_calendar_is_no_end_and_no_day() -> None:
    assert read.optional_end(given(end="9999-12-31"), "end") is None
    assert read.optional_end(given(end="2020-06-30"), "end") == date(2020, 6, 30)
    assert read.optional_end(given(), "end") is None
    assert refusal(lambda: read.optional_end(given(end="9999-12-30"), "end")).kind is Kind.BAD_REQUEST
    [issue] = refusal(lambda: read.optional_day(given(date="9999-12-31"), "date")).issues
    assert "9999-12-31 stands for no end and is no day here" in issue.text


def test_today_is_the_day_in_london() -> None:
    late = asked(now=datetime(2020, 6, 30, 23, 30, tzinfo=UTC))
    assert read.today(late) == read.day_or_today(late, "date") == date(2020, 7, 1)
    assert read.today_number(late) == read.day_number_or_today(late) == day_number(date(2020, 7, 1))


def test_a_moment_is_the_beginning_of_what_is_given_else_now() -> None:
    assert read.moment_or_now(given(), "as-of") == datetime(2020, 7, 1, 8, tzinfo=UTC)
    assert read.moment_or_now(given(asOf="2020-07-01"), "asOf") == datetime(2020, 6, 30, 23, tzinfo=UTC)
    said = read.moment_or_now(given(asOf="2020-07-01T09:30:00+01:00"), "asOf")
    assert said == datetime(2020, 7, 1, 8, 30, tzinfo=UTC)
    for value in (SECRET, " ", 7, "2020-02-30"):
        found = refusal(lambda value=value: read.moment_or_now(given(asOf=value), "asOf"))
        assert (found.kind, found.issues[0].expression) == (Kind.BAD_REQUEST, "asOf")


def test_one_of_some_words() -> None:
    assert read.one_of(given(), "format", ("ndjson", "csv"), "ndjson") == "ndjson"
    assert read.one_of(given(format="csv"), "format", ("ndjson", "csv"), "ndjson") == "csv"
    for call in (given(format=SECRET), given(format=3)):
        refusal(lambda call=call: read.one_of(call, "format", ("ndjson", "csv"), "ndjson"))


@pytest.mark.parametrize(
    "reading", [read.optional_text, read.short_text, read.optional_flag, read.optional_day, code_parameter]
)
def test_what_is_given_twice_is_refused(reading: Callable[[OperationCall, str], Any]) -> None:
    call = asked({"name": "date", "valueString": "2020-07-01"}, {"name": "date", "valueString": "2020-07-02"})
    assert refusal(lambda: reading(call, "date")).issues[0].text == "date may be given once"


def test_the_code_of_an_organisation() -> None:
    assert code_parameter(given(practice=" y12345 "), "practice") == "Y12345"
    assert code_parameter(given(), "practice") is None
    for value in (SECRET + " & sons", "|", " ", 7):
        assert refusal(lambda value=value: code_parameter(given(practice=value), "practice")).kind is Kind.BAD_REQUEST


@pytest.mark.parametrize("value", [
    None, "Organization/1", {"reference": 1}, {"identifier": "Y12345"},
    {"identifier": {"system": 1, "value": "Y12345"}}, {"reference": "Patient/1"},
    {"identifier": {"system": "urn:a", "value": "b\n"}}, {},
])  # fmt: skip
def test_what_names_no_organisation(value: Any) -> None:
    assert organisation_named(value) is None


def test_a_reference_names_an_organisation() -> None:
    assert organisation_named({"reference": "Organization/1"}) == "Organization/1"
    assert organisation_named({"identifier": {"system": "urn:charity", "value": "7"}}) == "urn:charity|7"


def test_an_answer() -> None:
    assert decode(answer([]).body) == {"resourceType": "Parameters"}
    said = answer((each for each in [text("a", "b"), parts("c", iter([yes("d", True), number("e", 1)]))]), 201)
    assert said.status == 201
    assert decode(said.body)["parameter"] == [
        {"name": "a", "valueString": "b"},
        {"name": "c", "part": [{"name": "d", "valueBoolean": True}, {"name": "e", "valueInteger": 1}]},
    ]


def test_what_an_answer_is_made_of() -> None:
    day = date(2020, 7, 1)
    said = [
        coded("a", "b"), on_day("c", day), numbered_day("d", day_number(day)), reference("e", "Patient/1"),
        instant("f", datetime(2020, 7, 1, 9, tzinfo=LONDON)),
    ]  # fmt: skip
    assert said == [
        {"name": "a", "valueCode": "b"}, {"name": "c", "valueDate": "2020-07-01"},
        {"name": "d", "valueDate": "2020-07-01"}, {"name": "e", "valueReference": {"reference": "Patient/1"}},
        {"name": "f", "valueInstant": "2020-07-01T08:00:00.000Z"},
    ]  # fmt: skip


def test_words_that_may_be_repeated_are_of_a_list_and_counted_once() -> None:
    allowed = {"open": 1, "closed": 2}
    assert read.any_of(given(), "state", allowed) == []
    named = [{"name": "state", "valueCode": each} for each in ("closed", "open", "closed")]
    assert read.any_of(asked(*named), "state", allowed) == ["closed", "open"]
    found = refusal(lambda: read.any_of(asked(*named, {"name": "state", "valueCode": SECRET}), "state", allowed))
    assert (found.kind, found.issues[0].text) == (Kind.BAD_REQUEST, "state is one of open, closed")


def test_a_long_text_ends_somewhere() -> None:
    assert read.long_text(given(note=" " + "x" * 2000), "note") == "x" * 2000
    assert read.long_text(given(note="  "), "note") is None
    found = refusal(lambda: read.long_text(given(note=SECRET * 200), "note"))
    assert found.issues[0].text == "note is a text of at most 2000 characters"
