"""The Bundle is made of the stored bytes, and says truly what was searched."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tandem.fhir.body import decode
from tandem.fhir.outcome import FhirError
from tandem.fhir.search.bundle import search_bundle, signed_for
from tandem.fhir.search.engine import Found, SearchPage
from tandem.fhir.search.paging import PageToken, verify
from tandem.fhir.search.query import parse_query

BASE, SECRET = "https://us/fhir", b"secret"
BODY = b'{"resourceType":"Task","id":"t","meta":{"versionId":"1"},"text":{"status":"generated","div":"<div/>"},'
BODY += b'"status":"draft","intent":"order","_priority":{"extension":[]},"priority":"urgent","note":[{"text":"1.50"}],'
BODY += b'"input":[{"valueDecimal":1.50}]}'
TASK = Found(1, "Task", "t", 1, 0, None, BODY)


def bundle(*pairs: tuple[str, str], page: SearchPage | None = None, lenient: bool = False) -> tuple[bytes, Any]:
    query = parse_query("Task", pairs, lenient)
    shown = page or SearchPage((TASK,), (), None, None, None)
    raw = search_bundle(query, shown, base=BASE, secret=SECRET, organisation="A1")
    return raw, decode(raw)


def links(made: Any) -> dict[str, str]:
    return {link["relation"]: link["url"] for link in made["link"]}


def test_bodies_stand_in_it_byte_for_byte() -> None:
    raw, made = bundle(("status", "draft"))
    assert BODY in raw
    assert made["entry"][0]["fullUrl"] == "https://us/fhir/Task/t"
    assert made["entry"][0]["search"] == {"mode": "match"}
    assert "total" not in made
    assert made["entry"][0]["resource"]["input"][0]["valueDecimal"] == Decimal("1.50")


def test_an_empty_result_has_no_empty_array() -> None:
    _, made = bundle(page=SearchPage((), (), 0, None, None))
    assert "entry" not in made
    assert made["total"] == 0
    assert links(made) == {"self": "https://us/fhir/Task"}


def test_included_entries_are_marked() -> None:
    _, made = bundle(page=SearchPage((), (TASK,), None, None, None))
    assert made["entry"][0]["search"] == {"mode": "include"}


def test_links_hold_the_query_and_a_place() -> None:
    page = SearchPage((TASK,), (), None, PageToken("next", ("x", 7)), PageToken("previous", (None, 1)))
    pairs = (("identifier", "urn:i|a&b=c#d é"), ("_sort", "-status"), ("_count", "1"))
    _, made = bundle(*pairs, page=page)
    assert set(links(made)) == {"self", "next", "previous"}
    assert tuple(parse_qsl(urlsplit(links(made)["self"]).query)) == pairs
    *own, (name, token) = parse_qsl(urlsplit(links(made)["next"]).query)
    assert tuple(own) == pairs
    assert name == "_page"
    signed = signed_for(parse_query("Task", own, False))
    assert verify(SECRET, token, signed, "A1") == PageToken("next", ("x", 7))
    with pytest.raises(FhirError):
        verify(SECRET, token, signed, "B2")


def test_self_leaves_out_what_was_ignored_and_an_outcome_says_so() -> None:
    _, made = bundle(("colour", "red"), ("status", "draft"), lenient=True)
    assert links(made)["self"] == "https://us/fhir/Task?status=draft"
    outcome = made["entry"][-1]
    assert outcome["search"] == {"mode": "outcome"}
    assert outcome["resource"]["resourceType"] == "OperationOutcome"
    assert "colour" in outcome["resource"]["issue"][0]["details"]["text"]
    assert outcome["resource"]["issue"][0]["severity"] == "warning"


@pytest.mark.parametrize(
    ("pair", "members"),
    [
        (("_elements", "priority"), {"status", "intent", "priority", "_priority"}),
        (("_elements", "Task.note,text"), {"status", "intent", "note", "text"}),
        (("_summary", "true"), {"status", "intent"}),
        (("_summary", "text"), {"status", "intent", "text"}),
        (("_summary", "data"), {"status", "intent", "priority", "_priority", "note", "input"}),
    ],
)
def test_subsets_are_tagged(pair: tuple[str, str], members: set[str]) -> None:
    _, made = bundle(pair)
    resource = made["entry"][0]["resource"]
    assert set(resource) == {"resourceType", "id", "meta", *members}
    assert resource["meta"]["versionId"] == "1"
    assert [tag["code"] for tag in resource["meta"]["tag"]] == ["SUBSETTED"]
    assert "1.50" in bundle(("_summary", "data"))[0].decode()


def test_elements_leave_what_is_included_whole() -> None:
    practitioner = Found(2, "Slot", "s", 1, 0, None, b'{"resourceType":"Slot","id":"s","comment":"x"}')
    raw, _ = bundle(("_elements", "status"), page=SearchPage((), (practitioner,), None, None, None))
    assert practitioner.body in raw


def test_summary_false_is_the_whole() -> None:
    assert BODY in bundle(("_summary", "false"))[0]


def test_what_cannot_stand_together() -> None:
    for pairs in (
        (("_summary", "true"), ("_elements", "status")),
        (("_summary", "text"), ("_include", "Task:part-of")),
    ):
        with pytest.raises(FhirError):
            bundle(*pairs)
