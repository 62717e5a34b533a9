"""What a stale write is told: each element that changed since, by whom and when, and no value."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from tandem.fhir.changed_since import Version, changes

_AT = 1_593_590_400_000_000


def versions(*bodies: dict[str, Any]) -> list[Version]:
    return [
        Version(number, _AT + number, f"RX{number:03}", {"resourceType": "CarePlan", "id": "c", **body})
        for number, body in enumerate(bodies, 1)
    ]


def told(*bodies: dict[str, Any]) -> list[tuple[str | None, str]]:
    return [(each.expression, each.text) for each in changes(versions(*bodies))]


def test_each_change_names_who_made_it_last() -> None:
    found = told(
        {"title": "A", "note": [{"text": "one"}], "period": {"start": "2020-07-01"}},
        {"title": "B", "note": [{"text": "one"}, {"text": "two"}], "period": {"start": "2020-07-01"}},
        {"title": "C", "note": [{"text": "one"}, {"text": "two"}], "description": "D"},
    )
    assert [(path, text.partition(" at ")[0]) for path, text in found] == [
        ("CarePlan.title", "CarePlan.title was changed by RX003"),
        ("CarePlan.note[1]", "CarePlan.note[1] was added by RX002"),
        ("CarePlan.period", "CarePlan.period was removed by RX003"),
        ("CarePlan.description", "CarePlan.description was added by RX003"),
    ]
    assert all("version" in text for _, text in found)


def test_an_entry_that_is_gone_or_another_is_told() -> None:
    found = told({"note": [{"text": "one"}, {"text": "two"}]}, {"note": [{"text": "three"}]})
    assert [path for path, _ in found] == ["CarePlan.note[0]", "CarePlan.note"]
    assert "was changed by RX002" in found[0][1]
    assert "has lost an entry that was there by RX002" in found[1][1]


def test_what_came_and_went_and_what_is_stamped_is_not_told() -> None:
    assert told({"meta": {"versionId": "1"}}, {"note": [{"text": "x"}], "meta": {}}, {"meta": {"versionId": "3"}}) == []
    assert told({"title": "A"}) == []
    assert told() == []


entries = st.lists(st.sampled_from(["walk", "dance", "cook"]), max_size=4)


@given(st.lists(st.tuples(entries, st.sampled_from(["A", "B", None])), min_size=2, max_size=5))
def test_it_is_told_exactly_when_something_differs_and_no_value_is_repeated(
    history: list[tuple[list[str], Any]],
) -> None:
    bodies = [
        {**({"note": [{"text": each} for each in notes]} if notes else {}), **({"title": title} if title else {})}
        for notes, title in history
    ]
    found = told(*bodies)
    assert bool(found) == (bodies[0] != bodies[-1])
    for _, text in found:
        assert not any(word in text for word in ("walk", "dance", "cook"))
        assert " by RX" in text
