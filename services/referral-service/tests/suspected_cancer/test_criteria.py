"""The shipped criteria, each at its bounds; what is no version; which version holds on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from referral_service.domain.suspected_cancer.criteria import Criteria, Criterion, age_on, in_force
from referral_service.domain.suspected_cancer.criteria_file import criteria_of
from referral_service.suspected_cancer.criteria_rows import shipped_criteria
from tandem.nhs.shipped_referral_kinds import referral_kinds

SHIPPED = shipped_criteria()
EACH = [
    pytest.param(each, id=f"{version.version}/{each.id}") for version in SHIPPED.values() for each in version.criteria
]
ALL_SYMPTOMS = sorted(SHIPPED["ng12-2015"].symptoms)


def least(criterion: Criterion) -> set[str]:
    """Just the symptoms that it needs."""
    return {*criterion.all_of, *sorted(criterion.any_of)[: criterion.at_least]}


@pytest.mark.parametrize("criterion", EACH)
def test_each_shipped_criterion_is_met_at_its_bounds_and_not_beyond(criterion: Criterion) -> None:
    gender = criterion.sex
    inside = [age for age in (criterion.age_from, criterion.age_to) if age is not None] or [50]
    for age in inside:
        assert criterion.is_met(least(criterion), age, gender)
    for age in ((criterion.age_from or 0) - 1, (criterion.age_to or 998) + 1):
        bounded = criterion.age_from is not None or criterion.age_to is not None
        outside = age < (criterion.age_from or 0) or age > (criterion.age_to or 999)
        if bounded and outside:
            assert not criterion.is_met(least(criterion), age, gender)
    assert all(not criterion.is_met(least(criterion) - {each}, inside[0], gender) for each in least(criterion))
    if criterion.sex is not None:
        other = {"female": "male", "male": "female"}[criterion.sex]
        assert not criterion.is_met(least(criterion), inside[0], other)
        assert criterion.is_met(least(criterion), inside[0], None)
    if criterion.age_from is not None:
        assert not criterion.is_met(least(criterion), None, gender)


@pytest.mark.parametrize("version", SHIPPED.values(), ids=SHIPPED)
def test_every_pathway_is_a_kind_of_referral(version: Criteria) -> None:
    assert {each.pathway for each in version.criteria} <= set(referral_kinds().kinds)


@given(st.sets(st.sampled_from(ALL_SYMPTOMS)), st.sampled_from(ALL_SYMPTOMS), st.integers(18, 100))
def test_another_symptom_never_takes_a_criterion_away(found: set[str], another: str, age: int) -> None:
    for criterion in SHIPPED["ng12-2015"].criteria:
        if criterion.is_met(found, age, "female"):
            assert criterion.is_met(found | {another}, age, "female")


@given(st.sets(st.sampled_from(ALL_SYMPTOMS)), st.integers(0, 110))
def test_the_most_urgent_comes_first_and_non_specific_symptoms_stand_back(found: set[str], age: int) -> None:
    met = SHIPPED["ng12-2023"].met(found, age, "male")
    order = ["very-urgent", "refer", "consider", "test"]
    ranks = [order.index(each.urgency) for each in met]
    assert ranks == sorted(ranks)
    sites = {each.site for each in met if each.refers}
    assert "non-specific" not in sites or sites == {"non-specific"}


def test_since_october_2023_a_faecal_test_comes_before_a_referral_for_bleeding() -> None:
    versions = SHIPPED.values()
    before, after = (in_force(versions, (), day) for day in (date(2023, 10, 1), date(2023, 10, 2)))
    assert before is not None
    assert after is not None
    assert [each.id for each in before.met({"rectal-bleeding"}, 60, None) if each.refers] == [
        "ng12-2015-lower-gi-bleeding"
    ]
    assert [each.urgency for each in after.met({"rectal-bleeding"}, 60, None)] == ["test"]
    assert [each.id for each in after.met({"rectal-bleeding", "fit-10-or-more"}, 60, None) if each.refers] == [
        "ng12-2023-fit-10"
    ]
    assert in_force(versions, (), date(2015, 6, 22)) is None


def test_since_may_2025_difficulty_in_swallowing_is_referred() -> None:
    before, after = (in_force(SHIPPED.values(), (), day) for day in (date(2025, 4, 30), date(2025, 5, 1)))
    assert before is not None
    assert after is not None
    assert [each.urgency for each in before.met({"dysphagia"}, 30, None)] == ["test"]
    assert [each.urgency for each in after.met({"dysphagia"}, 30, None)] == ["refer"]


def test_a_version_of_an_area_holds_there_alone_and_until_a_newer_one() -> None:
    local = criteria_of(told(), "QX1", SHIPPED)
    versions = [*SHIPPED.values(), local]
    assert in_force(versions, ["QX1"], date(2021, 1, 1)) == local
    assert in_force(versions, ["QX2"], date(2021, 1, 1)) == SHIPPED["ng12-2015"]
    assert in_force(versions, ["QX1"], date(2023, 10, 2)) == SHIPPED["ng12-2023"]


def told(**changed: Any) -> dict[str, Any]:
    """A version that is sound, with changes; None takes away."""
    whole = {
        "version": "local", "from": "2020-07-01", "source": "Here", "based-on": "ng12-2015",
        "criteria": [one()], **changed,
    }  # fmt: skip
    return {name: value for name, value in whole.items() if value is not None}


def one(**changed: Any) -> dict[str, Any]:
    """A criterion that is sound, with changes."""
    return {
        "id": "local-1", "site": "lung", "urgency": "refer", "pathway": "urgent-suspected-cancer", "text": "Cough",
        "recommendation": "1", "all": ["cough"], **changed,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        ("text", "an object"),
        (told(version=""), "version is a text"),
        (told(version="x" * 65), "version is a text"),
        ({**told(), "from": "soon"}, "from is a day"),
        (told(source=None), "source is a text"),
        (told(**{"based-on": "ng12-1815"}), "based-on names a version"),
        (told(without=["nothing"]), "without names criteria"),
        (told(criteria=[one(), one()]), "stand twice"),
        (told(criteria=[one(id="ng12-breast-lump")]), "stand twice"),
        (told(criteria=None, **{"based-on": None}), "no criterion"),
        (told(criteria=[one(site="elbow")]), "site is one of"),
        (told(criteria=[one(urgency="soon")]), "urgency is one of"),
        (told(criteria=[one(pathway="advice")]), "pathway is one of"),
        (told(criteria=[one(sex="x")]), "sex is one of"),
        (told(criteria=[one(all=[])]), "names no symptom"),
        (told(criteria=[one(all=["horoscope"])]), "does not have"),
        (told(criteria=[one(all="cough")]), "all is a list"),
        (told(criteria=[one(**{"at-least": 2})]), "at-least"),
        (told(criteria=[one(age={"from": "forty"})]), "age.from"),
        (told(criteria=[one(age={"to": 400})]), "age.to"),
        (told(criteria=["x"]), "a criterion is an object"),
        (told(symptoms={"x": 1}), "symptoms has a code and a text"),
    ],
)
def test_what_is_no_version_is_refused_with_its_fault(content: Any, fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        criteria_of(content, "", SHIPPED)


@pytest.mark.parametrize(
    ("birth", "age"),
    [
        ("1980-07-01", 40), ("1980-07-02", 39), ("1980-07", 40), ("1980", 40), ("1980-08", 39), ("2020-07-01", 0),
        ("2020-07-02", None), (None, None), ("soon", None), ("1980-02-30", None),
    ],
)  # fmt: skip
def test_age_in_whole_years(birth: str | None, age: int | None) -> None:
    assert age_on(birth, date(2020, 7, 1)) == age
