"""Each kind of parameter finds what R4 says it finds, on both databases."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tandem.clock import to_micros
from tandem.fhir.search.dates import date_range

NHS = "https://fhir.nhs.uk/Id/nhs-number"


def task(identity: str, **members: Any) -> dict[str, Any]:
    return {"resourceType": "Task", "id": identity, "status": "requested", "intent": "order", **members}


async def test_token_forms(store: Any) -> None:
    await store.put(task("a", code={"coding": [{"system": "urn:s", "code": "x"}], "text": "Home visit"}))
    await store.put(task("b", code={"coding": [{"system": "urn:t", "code": "x"}, {"code": "bare"}]}))
    await store.put(task("c", status="completed", identifier=[{"system": "urn:i", "value": "a,b|c$d\\"}]))
    assert await store.ids("Task", ("code", "x")) == ["a", "b"]
    assert await store.ids("Task", ("code", "urn:s|x")) == ["a"]
    assert await store.ids("Task", ("code", "|x")) == []
    assert await store.ids("Task", ("code", "|bare")) == ["b"]
    assert await store.ids("Task", ("code", "urn:t|")) == ["b"]
    assert await store.ids("Task", ("code", "urn:s|x,urn:t|")) == ["a", "b"]
    assert await store.ids("Task", ("code", "urn:s|x,bare")) == ["a", "b"]
    assert await store.ids("Task", ("code:not", "urn:s|x")) == ["b", "c"]
    assert await store.ids("Task", ("code:missing", "true")) == ["c"]
    assert await store.ids("Task", ("code:missing", "false")) == ["a", "b"]
    assert await store.ids("Task", ("code:text", "home")) == ["a"]
    assert await store.ids("Task", ("status", "completed")) == ["c"]
    assert await store.ids("Task", ("status", "requested,completed")) == ["a", "b", "c"]
    assert await store.ids("Task", ("status:not", "requested")) == ["c"]
    assert await store.ids("Task", ("code", "x"), ("code", "bare")) == ["b"]
    assert await store.ids("Task", ("identifier", "urn:i|a\\,b\\|c\\$d\\\\")) == ["c"]
    assert await store.ids("Task", ("identifier", "urn:i|a")) == []


async def test_references(store: Any) -> None:
    await store.put(task("a", **{"for": {"reference": "Patient/1"}}))
    await store.put(task("b", **{"for": {"reference": "Group/1"}}, owner={"reference": "https://other/Organization/9"}))
    await store.put(task("c", **{"for": {"reference": "https://us/fhir/Patient/1/_history/3"}}), base="https://us/fhir")
    nhs = {"identifier": {"system": NHS, "value": "9000000009"}}
    await store.put(task("d", **{"for": nhs}), resolved="Patient/1")
    await store.put(task("e", focus={"reference": "urn:uuid:0"}, owner={"reference": "Organization/9"}))
    patients = ["a", "c", "d"]
    assert await store.ids("Task", ("patient", "1")) == patients
    assert await store.ids("Task", ("patient", "Patient/1")) == patients
    assert await store.ids("Task", ("patient", "https://us/fhir/Patient/1"), base="https://us/fhir") == patients
    assert await store.ids("Task", ("subject:Patient", "1")) == patients
    assert await store.ids("Task", ("subject", "1")) == ["a", "b", "c", "d"]
    assert await store.ids("Task", ("subject:Group", "1")) == ["b"]
    assert await store.ids("Task", ("subject:identifier", f"{NHS}|9000000009")) == ["d"]
    assert await store.ids("Task", ("patient:identifier", "9000000009")) == ["d"]
    assert await store.ids("Task", ("subject:missing", "true")) == ["e"]
    assert await store.ids("Task", ("owner", "https://other/Organization/9")) == ["b"]
    assert await store.ids("Task", ("owner:Organization", "9")) == ["e"]
    assert await store.ids("Task", ("focus", "urn:uuid:0")) == ["e"]


async def test_canonical_reference_with_and_without_version(store: Any) -> None:
    response = {"resourceType": "QuestionnaireResponse", "id": "a", "questionnaire": "urn:q|2", "status": "completed"}
    await store.put(response)
    assert await store.ids("QuestionnaireResponse", ("questionnaire", "urn:q")) == ["a"]
    assert await store.ids("QuestionnaireResponse", ("questionnaire", "urn:q|2")) == ["a"]
    assert await store.ids("QuestionnaireResponse", ("questionnaire", "urn:q|1")) == []


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("2020-03-01", ["day", "time"]), ("2020-03", ["month", "day", "time"]), ("2020", ["month", "day", "time"]),
        ("eq2020-03-01T10:00:00Z", ["time"]), ("ne2020-03-01", ["month", "open", "none-period"]),
        ("gt2020-03-01", ["month", "open"]), ("ge2020-03-01", ["month", "day", "time", "open"]),
        ("lt2020-03-01", ["none-period"]), ("le2020-03-01", ["day", "time", "none-period"]),
        ("sa2020-03-01", []), ("sa2020-02-29", ["month", "day", "time", "open"]),
        ("eb2020-03-01", ["none-period"]), ("ap2020-03-02", ["month", "day", "time", "open"]),
    ],
)  # fmt: skip
async def test_dates(store: Any, value: str, found: list[str]) -> None:
    observations = {
        "month": {"effectiveDateTime": "2020-03"}, "day": {"effectiveDateTime": "2020-03-01"},
        "time": {"effectiveDateTime": "2020-03-01T10:00:00+00:00"},
        "open": {"effectivePeriod": {"start": "2020-03-01"}},
        "none-period": {"effectivePeriod": {"end": "2019-12-31"}},
    }  # fmt: skip
    for name, members in observations.items():
        await store.put({"resourceType": "Observation", "id": name, "status": "final", **members})
    assert await store.ids("Observation", ("date", value)) == found


async def test_days_are_london_days(store: Any) -> None:
    await store.put(task("winter", authoredOn="2020-01-15T00:30:00+00:00"))
    await store.put(task("summer", authoredOn="2020-07-14T23:30:00+00:00"))
    assert await store.ids("Task", ("authored-on", "2020-01-15")) == ["winter"]
    assert await store.ids("Task", ("authored-on", "2020-07-15")) == ["summer"]
    assert await store.ids("Task", ("authored-on", "2020-07-15T00:30:00 01:00")) == ["summer"]


async def test_last_updated_and_id(store: Any) -> None:
    for name, at in (("a", "2020-01-01T00:00:00Z"), ("b", "2020-01-02T00:00:00Z"), ("c", "2020-01-03T00:00:00Z")):
        await store.put(task(name), updated=date_range(at)[0])
    assert await store.ids("Task", ("_lastUpdated", "2020-01-02")) == ["b"]
    assert await store.ids("Task", ("_lastUpdated", "ge2020-01-02")) == ["b", "c"]
    assert await store.ids("Task", ("_lastUpdated", "gt2020-01-02")) == ["c"]
    assert await store.ids("Task", ("_lastUpdated", "lt2020-01-02")) == ["a"]
    assert await store.ids("Task", ("_lastUpdated", "le2020-01-02")) == ["a", "b"]
    assert await store.ids("Task", ("_lastUpdated", "ne2020-01-02")) == ["a", "c"]
    assert await store.ids("Task", ("_lastUpdated", "ge2020-01-02"), ("_lastUpdated", "lt2020-01-03")) == ["b"]
    assert await store.ids("Task", ("_id", "c,a,nobody")) == ["a", "c"]
    assert await store.ids("Task", ("_id", "a"), ("status", "completed")) == []


async def test_strings(store: Any) -> None:
    for name, family in (
        ("a", "Müller"),
        ("b", "MULLER-JONES"),
        ("c", "Percent%_"),
        ("d", "x" * 700 + " needle " + "y" * 90),
    ):
        await store.put({"resourceType": "Patient", "id": name, "name": [{"family": family, "given": ["Zoë", "Ann"]}]})
    assert await store.ids("Patient", ("family", "mull")) == ["a", "b"]
    assert await store.ids("Patient", ("name", "zoe"), ("family", "muller-")) == ["b"]
    assert await store.ids("Patient", ("family:exact", "Müller")) == ["a"]
    assert await store.ids("Patient", ("family:exact", "müller")) == []
    assert await store.ids("Patient", ("family:contains", "jones")) == ["b"]
    assert await store.ids("Patient", ("family:contains", "%")) == ["c"]
    assert await store.ids("Patient", ("family", "%")) == []
    assert await store.ids("Patient", ("family:contains", "needle")) == ["d"]
    assert await store.ids("Patient", ("family", "needle")) == []
    assert await store.ids("Patient", ("family:exact", "x" * 700 + " needle " + "y" * 90)) == ["d"]
    assert await store.ids("Patient", ("family:missing", "false"), ("_sort", "-family")) == ["d", "c", "b", "a"]


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ("5.4", ["a", "mg"]), ("5.40", ["a", "mg"]), ("5", ["a", "mg"]), ("5.4|http://ucum|mg", ["mg"]),
        ("5.4||mg", ["mg"]), ("5.4||milligram", ["mg"]), ("gt5.4", ["big", "above"]),
        ("ge5.4", ["a", "mg", "big", "above"]),
        ("lt5.5", ["a", "mg"]), ("ne5.4", ["big", "above"]), ("ap5", ["a", "mg"]), ("sa7", ["big"]),
        ("eb6", ["a", "mg"]),
        ("1e1", ["a", "mg", "big"]),
    ],
)  # fmt: skip
async def test_quantities(store: Any, value: str, found: list[str]) -> None:
    quantities: dict[str, dict[str, Any]] = {
        "a": {"value": Decimal("5.4")},
        "mg": {"value": Decimal("5.40"), "system": "http://ucum", "code": "mg", "unit": "milligram"},
        "big": {"value": 10}, "above": {"value": 7, "comparator": ">"},
    }  # fmt: skip
    for name, quantity in quantities.items():
        await store.put({"resourceType": "Observation", "id": name, "status": "final", "valueQuantity": quantity})
    assert await store.ids("Observation", ("value-quantity", value)) == found


async def test_numbers(store: Any) -> None:
    for name, number in (("a", Decimal("0.2")), ("b", Decimal("0.25"))):
        risk = {"resourceType": "RiskAssessment", "id": name, "prediction": [{"probabilityDecimal": number}]}
        await store.put(risk)
    assert await store.ids("RiskAssessment", ("probability", "0.2")) == ["a"]
    assert await store.ids("RiskAssessment", ("probability", "gt0.2")) == ["b"]


async def test_contacts_deceased_and_tags(store: Any) -> None:
    telecom = [{"system": "phone", "use": "home", "value": "0113"}, {"system": "email", "value": "a@b"}]
    tagged = {"tag": [{"system": "urn:t", "code": "x"}], "profile": ["urn:p"]}
    await store.put({"resourceType": "Patient", "id": "a", "telecom": telecom, "meta": tagged})
    await store.put({"resourceType": "Patient", "id": "b", "deceasedDateTime": "2020-01-01"})
    await store.put({"resourceType": "Patient", "id": "c", "deceasedBoolean": False})
    for pairs in (("phone", "0113"), ("telecom", "phone|0113"), ("telecom", "home|0113"), ("email", "a@b")):
        assert await store.ids("Patient", pairs) == ["a"]
    assert await store.ids("Patient", ("email", "0113")) == []
    assert await store.ids("Patient", ("deceased", "true")) == ["b"]
    assert await store.ids("Patient", ("deceased", "false")) == ["a", "c"]
    assert await store.ids("Patient", ("death-date", "2020")) == ["b"]
    assert await store.ids("Patient", ("_tag", "urn:t|x"), ("_profile", "urn:p")) == ["a"]


async def test_deleted_resources_and_other_types_are_not_found(store: Any) -> None:
    await store.put(task("gone"), deleted=1)
    await store.put({"resourceType": "Slot", "id": "s", "status": "free"})
    await store.put(task("here"))
    assert await store.ids("Task") == ["here"]
    assert await store.ids("Task", ("status:not", "completed")) == ["here"]
    assert (await store.page("Task", ("_summary", "count"))).total == 1


@pytest.mark.parametrize("text", ["' OR 1=1 --", "'; DROP TABLE resource; --", "$1", "%", "?1", "\\", '"', "{0}"])
async def test_values_are_only_data(store: Any, text: str) -> None:
    escaped = text.replace("\\", "\\\\").replace("$", "\\$")
    await store.put(task("a", identifier=[{"value": text}], code={"text": text}, authoredOn="2020"))
    await store.put(task("b"))
    assert await store.ids("Task", ("identifier", escaped)) == ["a"]
    assert await store.ids("Task", ("status", escaped)) == []
    assert await store.ids("Task", ("code:text", escaped)) == ["a"]
    assert await store.ids("Task", ("_id", escaped)) == []
    assert await store.ids("Task", ("_profile", escaped)) == []


async def test_very_long_values_are_stored_and_found(store: Any) -> None:
    long = "é" * 900
    identifiers = [{"system": "urn:" + long, "value": long + ending} for ending in ("1", "2")]
    await store.put(task("a", identifier=identifiers[:1], description="x\x00y"))
    await store.put(task("b", identifier=identifiers[1:], note=[{"text": "ü" * 50_000}]))
    assert await store.ids("Task", ("identifier", long + "2")) == ["b"]
    communication = {
        "resourceType": "List",
        "id": "l",
        "status": "current",
        "note": [{"text": "ü" * 9_000 + "end\x00"}],
    }
    await store.put(communication)
    assert await store.ids("List", ("notes:contains", "uuuend")) == ["l"]


def test_micros_agree_with_the_clock() -> None:
    from datetime import UTC, datetime

    assert date_range("2020-07-01T09:00:00+01:00")[0] == to_micros(datetime(2020, 7, 1, 8, tzinfo=UTC))
