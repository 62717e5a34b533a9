"""The catalogue of support offers cites docs/requirements.yaml, and its kinds of referral are those there are."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import yaml

from cohort_service.support_offers.shipped_catalogue import support_catalogue
from tandem.nhs.shipped_referral_kinds import referral_kinds
from tandem.synth.services import OFFERED

ROWS = {
    row["id"]: row
    for row in yaml.safe_load((Path(__file__).parents[2] / "docs" / "requirements.yaml").read_text(encoding="utf-8"))
}


def test_what_is_required_cites_the_requirement_with_its_source_and_its_day() -> None:
    catalogue = support_catalogue()
    for offer in catalogue.offers.values():
        for demand in offer.demands:
            row = ROWS[demand.requirement]
            assert (demand.service, demand.source) == (row["service"], row["source"].split(";")[0]), demand.requirement
            assert demand.starts == date.fromisoformat(str(row["phase"])), demand.requirement
    for route in catalogue.routes:
        assert ROWS[route.requirement]["source"].startswith(route.source)
        assert route.starts == date.fromisoformat(str(ROWS[route.requirement]["phase"]))


def test_an_offer_is_asked_for_by_a_kind_of_referral_that_there_is() -> None:
    assert {offer.kind for offer in support_catalogue().offers.values()} <= set(referral_kinds().kinds)


def test_what_the_synthetic_network_offers_is_in_the_catalogue() -> None:
    offered = {code for services in OFFERED.values() for codes in services.values() for code in codes}
    assert {"befriending", "healthy-living-pharmacy"} <= offered <= set(support_catalogue().offers)
