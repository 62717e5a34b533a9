"""What a resource puts into the search tables."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tandem.fhir.body import Resource, parse_resource
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.search.dates import EARLIEST, LATEST, date_range
from tandem.fhir.search.elements import ELEMENTS, MANDATORY, SUMMARY
from tandem.fhir.search.extract import extract
from tandem.fhir.search.folding import OVERLAP, bounded, fold, pieces
from tandem.fhir.search.parameters import PARAMETERS
from tandem_tests.loud_skips import skip_loudly

SHARED = Path(os.environ.get("TANDEM_SHARED", Path(__file__).parents[4] / "shared"))
EXAMPLES = SHARED / "data" / "hl7-r4-examples"
TASK = PARAMETERS["Task"]
NHS = {"system": "https://fhir.nhs.uk/Id/nhs-number", "value": "9000000009"}


def examples() -> Iterator[Resource]:
    if not EXAMPLES.exists():
        skip_loudly("official R4 examples", "no folder of them; set TANDEM_SHARED")
    for path in sorted(EXAMPLES.glob("*/*.json")):
        if path.parent.name in PARAMETERS:
            yield parse_resource(path.read_bytes())


def task(**members: Any) -> Resource:
    return {"resourceType": "Task", "id": "t", **members}


def test_every_official_example_has_rows_and_known_elements() -> None:
    seen = without = 0
    for resource in examples():
        name = resource["resourceType"]
        rows = extract(name, resource)
        # A few examples are a narrative and nothing else.
        without += not any(rows)
        assert {member.removeprefix("_") for member in resource} - {"resourceType"} <= ELEMENTS[name]
        assert MANDATORY[name] <= set(resource), name
        for table in rows:
            assert len(table) == len(set(table))
        seen += 1
    assert seen > 100
    assert without < seen / 50


def test_element_tables_agree() -> None:
    assert set(ELEMENTS) == set(PARAMETERS)
    for name, elements in ELEMENTS.items():
        assert MANDATORY[name] | SUMMARY[name] <= elements
        for parameter in PARAMETERS[name].values():
            for path in parameter.paths:
                assert path.partition(".")[0].partition("[")[0].partition(":")[0] in elements, parameter


def test_rows_of_a_task() -> None:
    rows = extract(
        "Task",
        task(
            status="requested",
            code={"coding": [{"system": "urn:s", "code": "x", "display": "Shown"}], "text": "Shown"},
            **{"for": {"reference": "Patient/1", "identifier": NHS}},
            executionPeriod={"start": "2020-01-01T10:00:00Z"},
        ),
    )
    assert set(rows.tokens) == {
        (TASK["status"].number, None, "requested"),
        (TASK["code"].number, "urn:s", "x"),
        (TASK["patient"].number, None, "Patient/1"),
        (TASK["subject"].number, None, "Patient/1"),
        (TASK["patient"].companion, NHS["system"], NHS["value"]),
        (TASK["subject"].companion, NHS["system"], NHS["value"]),
    }
    assert rows.dates == [(TASK["period"].number, date_range("2020-01-01T10:00:00Z")[0], LATEST)]
    assert rows.strings == [(TASK["code"].number, "shown", "Shown")]
    assert rows.numbers == []


def test_a_resolved_patient_is_added_only_where_the_number_stands_alone() -> None:
    added = {(TASK["patient"].number, None, "Patient/9"), (TASK["subject"].number, None, "Patient/9")}
    alone = extract("Task", task(**{"for": {"identifier": NHS}}), resolved_patient="Patient/9")
    assert added <= set(alone.tokens)
    for subject in (
        {"reference": "Patient/1", "identifier": NHS},
        {"identifier": {"system": "urn:other", "value": "1"}},
        {"reference": "#in", "type": "Device"},
    ):
        rows = extract("Task", task(**{"for": subject}, owner={"identifier": NHS}), resolved_patient="Patient/9")
        assert not added & set(rows.tokens)


def test_timings_have_their_events_and_bounds() -> None:
    timing = {"event": ["2020-01-01", "2020-02-01"], "repeat": {"boundsPeriod": {"end": "2020-03"}}}
    rows = extract("ServiceRequest", {"resourceType": "ServiceRequest", "id": "s", "occurrenceTiming": timing})
    assert {(low, high) for _, low, high in rows.dates} == {
        date_range("2020-01-01"), date_range("2020-02-01"), (EARLIEST, date_range("2020-03")[1]),
    }  # fmt: skip


def test_filtered_paths() -> None:
    related = [{"type": kind, "resource": f"Library/{kind}"} for kind in ("depends-on", "predecessor", "citation")]
    rows = extract(
        "Measure", {"resourceType": "Measure", "id": "m", "relatedArtifact": related, "library": ["urn:l|1"]}
    )
    measure = PARAMETERS["Measure"]
    assert set(rows.tokens) == {
        (measure["depends-on"].number, None, "Library/depends-on"),
        (measure["depends-on"].number, None, "urn:l|1"),
        (measure["depends-on"].number, None, "urn:l"),
        (measure["predecessor"].number, None, "Library/predecessor"),
    }


def test_a_date_that_is_none_is_refused() -> None:
    with pytest.raises(FhirError) as refused:
        extract("Task", task(authoredOn="yesterday"))
    assert refused.value.kind is Kind.INVALID
    assert "yesterday" not in refused.value.issues[0].text


def test_folding() -> None:
    assert fold("  Zoë  MÜLLER-Straße ") == "zoe muller-strasse"
    assert fold(fold("Ǆ ﬁ Å")) == fold("Ǆ ﬁ Å")


def test_pieces_hold_every_part_whole() -> None:
    text = "".join(chr(97 + (place * place // 7) % 26) for place in range(1730))
    held = pieces(text)
    assert all(len(piece.encode()) < 2000 for piece in held)
    for start in range(len(text) - OVERLAP):
        assert any(text[start : start + OVERLAP] in piece for piece in held)


def test_long_codes_stay_apart() -> None:
    assert bounded("x" * 300) == "x" * 300
    first, second = bounded("x" * 400 + "1"), bounded("x" * 400 + "2")
    assert first != second
    assert max(len(first), len(second)) <= 300


@pytest.mark.parametrize(
    "text", ["", "20", "2020-1", "2020-13", "2020-02-30", "2020-01-01T", "2020-01-01T25:00:00Z", "2020-01-01T10:00:61Z",
             "2020-01-01T10:00:00+99:00", "2020-01-01 10:00", "٢٠٢٠", "0000"],
)  # fmt: skip
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(ValueError):
        date_range(text)


def test_edges_of_time() -> None:
    for text in ("0001", "0001-01-01", "9999", "9999-12", "9999-12-31"):
        low, high = date_range(text)
        assert EARLIEST <= low < high <= LATEST
    assert date_range("2016-12-31T23:59:60Z") == date_range("2016-12-31T23:59:59Z")
    assert date_range("2020-01-01T00:00:00.5Z")[1] - date_range("2020-01-01T00:00:00.5Z")[0] == 100_000
    assert date_range("2020-07-01T10:00") == date_range("2020-07-01T09:00Z") == date_range("2020-07-01T10:00+01:00")
    assert date_range("2020-01-01T01:30:00-02:30") == date_range("2020-01-01T04:00:00Z")
    spring = date_range("2020-03-29")
    assert spring[1] - spring[0] == 23 * 3_600_000_000
