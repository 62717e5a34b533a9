"""How an agreement stands on a day, who may sign it, and what a draft is made of."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_service.agreements.shipped_templates import templates
from cohort_service.domain.agreements.agreement import agreement_of, document, role_of, signatures, state_of
from cohort_service.domain.agreements.draft import Draft, Named, affiliations_of, text_of
from cohort_service.domain.agreements.joining import asked_too
from cohort_service.domain.agreements.signing import signed
from cohort_service.domain.agreements.template import filled, open_places, template_of
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError
from tandem.identity.affiliations import signatures_of
from tandem.identity.agreement_terms import terms_of

NOON = datetime(2020, 6, 20, 11, 0, tzinfo=UTC)


def named(code: str) -> Named:
    return Named(code, f"Organisation {code}", {"reference": f"Organization/{code.lower()}"})


def draft(template: str = "data-sharing", **more: Any) -> Draft:
    found = templates()[template]
    given = {
        "holder": named("U12345"), "signatories": [named("A81001"), named("A81002")],
        "partners": [named("RXP01"), named("RMH01")], "purposes": found.purposes, "data": (),
        "starts": date(2020, 6, 1), "ends": None, "due": found.due, "requirement": None,
    }  # fmt: skip
    return Draft(found, **{**given, **more})


def sign(affiliation: Resource, code: str, now: datetime = NOON) -> Resource:
    return signed(affiliation, {code, f"Organization/{code.lower()}"}, "Practitioner/1", now, now.date())


def test_every_template_is_filled_without_an_open_place() -> None:
    assert set(templates()) == {"data-sharing", "mdt", "governance", "support-coordination"}
    for name, template in templates().items():
        assert {"holder", "partners", "parties", "start", "end"} <= set(open_places(template))
        text = text_of(draft(name))
        assert "{{" not in text
        assert all(f"Organisation {code}" in text for code in ("U12345", "A81001", "A81002", "RXP01", "RMH01"))


def test_a_template_with_a_place_that_no_draft_fills_is_refused() -> None:
    content = {"id": "x", "version": 1, "title": "x", "role": "mdt-agreement", "source": "x", "text": "{{price}}"}
    with pytest.raises(ValueError, match="price"):
        template_of(content)
    assert filled(template_of({**content, "text": "{{holder}}"}), {"holder": "Us"}) == "Us"


def test_sharing_is_one_resource_a_partner_and_every_party_is_named_in_each() -> None:
    drafted = affiliations_of(draft(purposes=("TREAT",), data=("CarePlan",)), "agreement-1")
    assert [each["participatingOrganization"]["reference"] for each in drafted] == [
        "Organization/rxp01", "Organization/rmh01",
    ]  # fmt: skip
    for each in drafted:
        assert role_of(each) == "sharing-agreement"
        assert terms_of(each) == (("TREAT",), ("CarePlan",))
        assert [has_signed for _, has_signed in signatures_of(each)] == [False] * 5
        assert document(each)["template"]["valueString"] == "data-sharing@1"
    [meeting] = affiliations_of(draft("mdt"), "agreement-2")
    assert "participatingOrganization" not in meeting
    assert terms_of(meeting) == ((), ())


@given(st.permutations(["U12345", "A81001", "A81002", "RXP01", "RMH01"]))
def test_it_becomes_active_with_the_last_signature_whatever_the_order(order: list[str]) -> None:
    affiliation = affiliations_of(draft(), "agreement-1")[0]
    for code in order:
        assert state_of(agreement_of(affiliation), NOON.date()) == "draft"
        assert state_of(agreement_of(affiliation), date(2020, 7, 1)) == "overdue"
        affiliation = sign(affiliation, code)
    assert state_of(agreement_of(affiliation), NOON.date()) == "active"
    assert state_of(agreement_of(affiliation), date(2020, 6, 19)) == "draft", "as of the day before"
    assert {one.user for one in signatures(affiliation)} == {"Practitioner/1"}


@pytest.mark.parametrize(
    ("day", "changes", "chased", "state"),
    [
        ("2020-06-30", {}, True, "draft"), ("2020-07-01", {}, True, "overdue"), ("2020-07-01", {}, False, "draft"),
        ("2020-12-31", {"ends": date(2020, 12, 31)}, True, "overdue"),
        ("2021-01-01", {"ends": date(2020, 12, 31)}, True, "ended"), ("2020-07-01", {"due": None}, True, "overdue"),
        ("2020-07-01", {"due": date(2020, 9, 1)}, True, "draft"),
    ],
)  # fmt: skip
def test_an_unsigned_agreement_is_overdue_after_its_day(
    day: str, changes: dict[str, Any], chased: bool, state: str
) -> None:
    affiliation = affiliations_of(draft(**changes), "agreement-1")[0]
    assert state_of(agreement_of(affiliation), date.fromisoformat(day), chased=chased) == state


def test_an_agreement_signed_before_its_period_is_agreed_and_one_taken_back_has_ended() -> None:
    affiliation = affiliations_of(draft(starts=date(2020, 9, 1)), "agreement-1")[0]
    for code in ("U12345", "A81001", "A81002", "RXP01", "RMH01"):
        affiliation = sign(affiliation, code)
    assert state_of(agreement_of(affiliation), date(2020, 8, 31)) == "agreed"
    assert state_of(agreement_of(affiliation), date(2020, 9, 1)) == "active"
    assert state_of(agreement_of({**affiliation, "active": False}), date(2020, 9, 1)) == "ended"


@pytest.mark.parametrize(
    ("code", "before", "now", "status"),
    [("RZZ99", [], NOON, 403), ("RXP01", ["RXP01"], NOON, 409),
     ("RXP01", [], datetime(2021, 1, 1, 12, 0, tzinfo=UTC), 422)],
)  # fmt: skip
def test_who_is_no_party_has_signed_or_comes_too_late_does_not_sign(
    code: str, before: list[str], now: datetime, status: int
) -> None:
    affiliation = affiliations_of(draft(ends=date(2020, 12, 31)), "agreement-1")[0]
    for each in before:
        affiliation = sign(affiliation, each)
    with pytest.raises(FhirError) as refused:
        sign(affiliation, code, now)
    assert refused.value.kind.status == status


def test_a_signature_changes_nothing_else() -> None:
    affiliation = affiliations_of(draft(), "agreement-1")[0]
    after = sign(affiliation, "RXP01")
    own = [place for place, one in enumerate(affiliation["extension"]) if one != after["extension"][place]]
    assert len(own) == 1
    assert {**after, "extension": affiliation["extension"]} == affiliation


def test_who_joins_before_all_have_signed_is_a_party_like_the_first() -> None:
    affiliation = asked_too(affiliations_of(draft(), "agreement-1")[0], named("A81003"), NOON.date())
    for code in ("U12345", "A81001", "A81002", "RXP01", "RMH01"):
        affiliation = sign(affiliation, code)
    assert state_of(agreement_of(affiliation), NOON.date()) == "draft"
    assert state_of(agreement_of(sign(affiliation, "A81003")), NOON.date()) == "active"


def test_who_joins_when_all_have_signed_takes_nothing_back_from_them() -> None:
    affiliation = affiliations_of(draft(), "agreement-1")[0]
    for code in ("U12345", "A81001", "A81002", "RXP01", "RMH01"):
        affiliation = sign(affiliation, code)
    asked = asked_too(affiliation, named("A81003"), NOON.date())
    assert asked["extension"][:-1] == affiliation["extension"]
    assert state_of(agreement_of(asked), NOON.date()) == "active"
    assert signatures_of(asked)[-1] == ("A81003", None), "not waited for"
    assert (signatures(asked)[-1].signed, signatures(asked)[-1].joined) == (None, NOON.date())
    later = sign(asked, "A81003", datetime(2020, 6, 25, 11, 0, tzinfo=UTC))
    assert signatures_of(later)[-1] == ("A81003", True)
    assert state_of(agreement_of(later), NOON.date()) == "active", "as of the day before it signed"
