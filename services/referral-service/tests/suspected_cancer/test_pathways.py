"""Where a referral goes by the day, and why."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from referral_service.domain.suspected_cancer.pathways import Pathway, misrouted, route

OPENS = date(2020, 8, 1)
CENTRE = Pathway("U1", "rapid-diagnostic-centre", OPENS, None, "RDC")
LUNG = Pathway("QX1", "lung", date(2020, 1, 1), date(2020, 12, 31), "RLU")
DAYS = st.integers(-400, 400).map(lambda days: OPENS + timedelta(days=days))


@given(DAYS)
def test_non_specific_symptoms_go_to_the_centre_from_its_first_day_and_elsewhere_before(day: date) -> None:
    routing = route(True, None, [CENTRE, LUNG], day)
    assert (routing.kind, routing.performer) == (
        ("rapid-diagnostic-centre", "RDC") if day >= OPENS else ("urgent-suspected-cancer", None)
    )
    assert ("since 2020-08-01" if day >= OPENS else "one opens on 2020-08-01") in routing.explanation
    assert "ECD-015" in routing.explanation


@given(DAYS)
def test_a_referral_that_goes_where_it_is_routed_is_never_misrouted(day: date) -> None:
    for non_specific, site in ((True, None), (False, "lung"), (False, None)):
        routing = route(non_specific, site, [CENTRE, LUNG], day)
        assert misrouted(routing, routing.kind, {routing.performer or "ANY"}, [CENTRE, LUNG], day) is None


def test_the_wrong_way_is_told() -> None:
    after, before = OPENS, OPENS - timedelta(days=1)
    routed = route(True, None, [CENTRE], after)
    assert "refer to RDC" in str(misrouted(routed, "urgent-suspected-cancer", {"RT1"}, [CENTRE], after))
    assert "refer to RDC" in str(misrouted(routed, "rapid-diagnostic-centre", {"RT1"}, [CENTRE], after))
    early = route(True, None, [CENTRE], before)
    text = misrouted(early, "rapid-diagnostic-centre", {"RDC"}, [CENTRE], before)
    assert "no rapid diagnostic centre is open" in str(text)
    specific = route(False, "lung", [CENTRE], after)
    assert "is RDC" in str(misrouted(specific, "rapid-diagnostic-centre", {"RT1"}, [CENTRE], after))
    assert misrouted(specific, "rapid-diagnostic-centre", {"RDC"}, [CENTRE], after) is None


def test_what_is_nearer_goes_before_and_a_pathway_ends() -> None:
    far = Pathway("QX1", "rapid-diagnostic-centre", date(2020, 1, 1), None, "FAR")
    assert route(True, None, [CENTRE, far], OPENS).performer == "RDC"
    assert route(True, None, [CENTRE, far], OPENS - timedelta(days=1)).performer == "FAR"
    assert route(False, "lung", [LUNG], date(2020, 12, 31)).performer == "RLU"
    ended = route(False, "lung", [LUNG], date(2021, 1, 1))
    assert ended.performer is None
    assert "the referrer chooses" in ended.explanation
    elsewhere = Pathway("U1", "non-specific", date(2020, 1, 1), None, "RT9")
    assert route(True, None, [CENTRE, elsewhere], OPENS - timedelta(days=1)).performer == "RT9"
