"""Strict by default, lenient when asked, all faults at once, no values in errors."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.search.query import parse_query
from tandem.fhir.search.values import alternatives, token_value


def refused(*pairs: tuple[str, str], resource_type: str = "Task", lenient: bool = False) -> FhirError:
    with pytest.raises(FhirError) as error:
        parse_query(resource_type, pairs, lenient)
    return error.value


def test_all_faults_are_named_at_once() -> None:
    error = refused(
        ("colour", "1"), ("status:exact", "x"), ("_sort", "shade,-tint,status"), ("authored-on", "yesterday"),
        ("_include", "Task:owner"), ("_revinclude", "Provenance:agent"), ("_total", "some"), ("_elements", "wings"),
        ("_summary", "short"), ("_include:iterate", "Task:part-of"),
    )  # fmt: skip
    assert error.kind is Kind.UNSUPPORTED_PARAMETER
    texts = " ".join(issue.text for issue in error.issues)
    for name in ("colour", "exact", "shade", "tint", "authored-on", "owner", "agent", "_total", "wings", "iterate"):
        assert name in texts
    assert len(error.issues) == 11


@pytest.mark.parametrize(
    ("name", "text"),
    [("authored-on", "2020-13-01"), ("authored-on", "xx2020"), ("authored-on", ""), ("_count", "-1"),
     ("_count", "many"),
     ("patient", "a b"), ("patient", "#x"), ("subject:Patient", "Group/1"), ("status:missing", "maybe"),
     ("identifier", "|"),
     ("status", "http://hl7.org/fhir/task-status|x"), ("code", "a,,b")],
)  # fmt: skip
def test_values_that_cannot_be_read(name: str, text: str) -> None:
    error = refused((name, text))
    assert error.kind in (Kind.BAD_REQUEST, Kind.UNSUPPORTED_PARAMETER)
    assert error.kind is Kind.BAD_REQUEST or not text


def test_errors_hold_no_values() -> None:
    assert "9434765919" not in str([issue.text for issue in refused(("authored-on", "9434765919")).issues])


def test_lenient_leaves_out_what_is_not_supported_and_says_so() -> None:
    query = parse_query("Task", [("colour", "1"), ("status", "draft"), ("_sort", "shade"), ("_count", "5000")], True)
    assert query.used == (("status", "draft"),)
    assert len(query.ignored) == 3
    assert "colour" in query.ignored[0]
    assert query.sort == ()


def test_lenient_still_refuses_values_it_cannot_read() -> None:
    assert refused(("authored-on", "yesterday"), ("colour", "1"), lenient=True).kind is Kind.BAD_REQUEST


def test_limits() -> None:
    assert refused(("status", ",".join(["x"] * 101))).issues[0].code == "too-costly"
    assert refused(*[("status", "x")] * 31).issues[0].code == "too-costly"
    assert "1000" in refused(("status", "x" * 1001)).issues[0].text
    assert refused(("_count", "1001")).issues[0].code == "too-costly"
    assert refused(("status", "a\x00b")).kind is Kind.BAD_REQUEST


@pytest.mark.parametrize("name", ["_count", "_sort", "_summary", "_total", "_elements"])
def test_a_control_stands_once(name: str) -> None:
    value = {"_count": "1", "_sort": "status", "_summary": "true", "_total": "none", "_elements": "status"}[name]
    assert "more than once" in refused((name, value), (name, value)).issues[0].text


def test_formats() -> None:
    for text in ("json", "application/fhir+json", "application/fhir json", "application/json;fhirVersion=4.0"):
        parse_query("Task", [("_format", text)], False)
    assert refused(("_format", "xml")).kind is Kind.NOT_ACCEPTABLE


def test_unknown_type() -> None:
    assert refused(resource_type="Unicorn").kind is Kind.UNKNOWN_TYPE


def test_chains_that_leave_the_service_are_refused() -> None:
    assert "another service" in refused(("patient.name", "x")).issues[0].text
    assert "one is supported" in refused(("patient.organization.name", "x")).issues[0].text
    assert "NHS" in refused(("patient.identifier", "urn:other|1")).issues[0].text
    assert "refer" in refused(("_has:Task:owner:status", "x")).issues[0].text
    assert "type of this service" in refused(("_has:Observation:subject:code", "x")).issues[0].text


@given(st.lists(st.text(st.sampled_from("ab,|$\\"), min_size=1, max_size=6), min_size=1, max_size=4))
def test_escaped_values_come_back(values: list[str]) -> None:
    def escaped(text: str) -> str:
        return "".join(f"\\{one}" if one in ",|$\\" else one for one in text)

    read = [token_value(part).code for part in alternatives(",".join(escaped(value) for value in values))]
    assert read == values
