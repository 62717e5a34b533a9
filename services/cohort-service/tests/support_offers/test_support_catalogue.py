"""The catalogue of support offers: whole, dated, and refused when it does not fit."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import date
from importlib.resources import files
from typing import Any

import pytest
import yaml

from cohort_service.domain.support_offers.catalogue import CARE_HOMES, catalogue_of
from cohort_service.support_offers.shipped_catalogue import support_catalogue

FILE: dict[str, Any] = yaml.safe_load((files("cohort_service.support_offers") / "catalogue.yaml").read_text())


def test_every_care_home_offer_has_one_element_and_no_other_offer_must() -> None:
    offers = support_catalogue().offers.values()
    assert {each.element for each in offers if each.is_for(CARE_HOMES)} == set(support_catalogue().elements)
    assert len([each for each in offers if each.is_for(CARE_HOMES)]) == 16


def test_offers_are_required_from_the_day_of_their_specification() -> None:
    catalogue = support_catalogue()
    assert catalogue.required_on(date(2020, 6, 29)) == []
    june = {each.code for each in catalogue.required_on(date(2020, 6, 30))}
    assert "tissue-viability" in june
    assert "dietetics" not in june
    assert "dietetics" in {each.code for each in catalogue.required_on(date(2020, 9, 30))}
    assert "tissue-viability" not in {each.code for each in catalogue.required_on(date(2020, 9, 29), CARE_HOMES)}


def test_a_need_is_an_offer_or_finds_those_that_meet_it() -> None:
    catalogue = support_catalogue()
    assert catalogue.meeting("befriending") == ("befriending",)
    assert {"befriending", "social-prescribing"} <= set(catalogue.meeting("loneliness"))
    assert catalogue.meeting("no-such-need") == ()
    assert all(catalogue.meeting(need) for need in catalogue.needs)


def _offer(file: dict[str, Any], code: str) -> dict[str, Any]:
    found: dict[str, Any] = next(each for each in file["offers"] if each["code"] == code)
    return found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda file: _offer(file, "dietetics").pop("element"), "EHCH-005"),
        (lambda file: _offer(file, "dietetics").update(element="no-such"), "no-such is no element"),
        (lambda file: _offer(file, "dietetics").update(needs=["no-such"]), "needs are of the list"),
        (lambda file: _offer(file, "dietetics").update(needs=[]), "needs are of the list"),
        (lambda file: _offer(file, "dietetics").update(code="falls-prevention"), "a code of its own"),
        (lambda file: file["needs"].update({"dietetics": "Dietetics"}), "different codes"),
        (lambda file: _offer(file, "dietetics")["required"][0].update(by="nobody"), "of one of"),
        (lambda file: file["routes"][0].update(offers=["no-such"]), "route specialist-mental-health"),
    ],
)
def test_a_file_that_does_not_fit_is_refused(change: Callable[[dict[str, Any]], Any], said: str) -> None:
    file = copy.deepcopy(FILE)
    change(file)
    with pytest.raises(ValueError, match=said):
        catalogue_of(file)
