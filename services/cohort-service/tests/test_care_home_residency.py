"""Who lives in a care home, by everything that was recorded of it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cohort_service.catalogue.shipped import shipped_texts, shipped_value_sets
from cohort_service.domain.care_home_residents import residency
from cohort_service.domain.definition_language.parse import parse_definition
from cohort_service.domain.definition_language.references import references_of
from cohort_service.domain.residency_codes import Meaning, residency_codes
from cohort_service.domain.residency_statements import Statement, statement_of
from tandem.canonical import SNOMED_CT
from tandem.clock import from_micros

CODES = residency_codes()
NURSING_HOME, OWN_HOME, DIED = "160734000", "160943002", "876880009"
META = {"versionId": "1", "lastUpdated": "2020-07-01T08:00:00.000Z"}


def concept(code: str, system: str = SNOMED_CT) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}


def observation(identity: str, code: str, date: str | None, **more: Any) -> dict[str, Any]:
    dated = {"effectiveDateTime": date} if date else {}
    return {
        "resourceType": "Observation",
        "id": identity,
        "meta": META,
        "status": "final",
        "code": concept(code),
        **dated,
        **more,
    }


def said(*resources: dict[str, Any]) -> list[Statement]:
    return [each for each in (statement_of(resource, CODES) for resource in resources) if each is not None]


def is_resident(*resources: dict[str, Any]) -> bool:
    stay = residency(said(*resources))
    return stay is not None and stay.current


def codes_that_mean(*meanings: Meaning) -> list[str]:
    return [code for (_, code), (meaning, _) in CODES.codes.items() if meaning in meanings]


def test_the_codes_are_those_that_the_definition_of_the_list_asks_for() -> None:
    definition = parse_definition(shipped_texts()["care-home-residents.yaml"], "care-home-residents.yaml")
    asked = references_of(definition).value_sets
    shipped = {each.id: each for each in shipped_value_sets()}
    for meaning, name in ((Meaning.RESIDENT, "care-home-residence"), (Meaning.ENDED, "lives-elsewhere")):
        assert name in asked
        assert [member.code for member in shipped[name].members] == codes_that_mean(meaning)
    assert len(codes_that_mean(Meaning.DIED)) == 3
    assert len(CODES.codes) == 11


@pytest.mark.parametrize("code", codes_that_mean(Meaning.RESIDENT))
def test_each_residency_code_makes_a_resident(code: str) -> None:
    assert is_resident(observation("a", code, "2020-06-26"))
    as_value = observation("a", "365508006", "2020-06-26", valueCodeableConcept=concept(code))
    assert is_resident(as_value)


@pytest.mark.parametrize("code", codes_that_mean(Meaning.ENDED, Meaning.DIED))
def test_each_leaving_or_death_code_ends_it(code: str) -> None:
    assert not is_resident(observation("a", NURSING_HOME, "2020-06-01"), observation("b", code, "2020-06-02"))


def test_visits_and_other_housing_say_nothing() -> None:
    assert said(observation("a", "889311000000109", "2020-06-26"), observation("b", "224224003", "2020-06-26")) == []


def test_the_code_of_another_system_says_nothing() -> None:
    record = observation("a", NURSING_HOME, "2020-06-26") | {"code": concept(NURSING_HOME, "http://read.info/readv2")}
    assert said(record) == []


@pytest.mark.parametrize("more", [{"status": "entered-in-error"}, {"status": "cancelled"}, {"valueBoolean": False}])
def test_what_does_not_stand_does_not_count(more: dict[str, Any]) -> None:
    assert said(observation("a", NURSING_HOME, "2020-06-26") | more) == []


@pytest.mark.parametrize(
    ("name", "code", "counts"),
    [
        ("clinicalStatus", "active", True),
        ("clinicalStatus", "resolved", False),
        ("clinicalStatus", "inactive", False),
        ("verificationStatus", "confirmed", True),
        ("verificationStatus", "refuted", False),
        ("verificationStatus", "entered-in-error", False),
    ],
)
def test_a_condition_counts_while_it_is_active_and_not_refuted(name: str, code: str, counts: bool) -> None:
    condition = {
        "resourceType": "Condition",
        "id": "a",
        "meta": META,
        "code": concept(NURSING_HOME),
        "onsetDateTime": "2020-06-26",
        name: {"coding": [{"code": code}]},
    }
    assert is_resident(condition) is counts


def test_an_episode_of_care_gives_its_own_beginning_and_end() -> None:
    episode: dict[str, Any] = {
        "resourceType": "EpisodeOfCare",
        "id": "e",
        "meta": META,
        "status": "active",
        "type": [concept("248171000000108")],
        "period": {"start": "2020-06-20"},
    }
    assert is_resident(episode)
    over = episode | {"status": "finished", "period": {"start": "2020-06-20", "end": "2020-06-25"}}
    assert not is_resident(over)
    assert not is_resident(over | {"period": {"start": "2020-06-20", "end": "2020-06-20"}})
    assert is_resident(over, observation("a", NURSING_HOME, "2020-06-25")), "moved to another home on the day"


def test_the_newest_statement_by_date_wins() -> None:
    home, own = observation("a", NURSING_HOME, "2020-06-26"), observation("b", OWN_HOME, "2020-06-27")
    assert not is_resident(home, own)
    assert is_resident(home, own, observation("c", NURSING_HOME, "2020-06-28"))
    assert is_resident(home, own | {"effectiveDateTime": "2020-06-26"}), "on one day, living in a home counts"


def test_death_ends_it_whatever_the_date() -> None:
    patient = {"resourceType": "Patient", "id": "p", "meta": META, "deceasedDateTime": "2020-06-01"}
    assert not is_resident(observation("a", NURSING_HOME, "2020-06-26"), patient)
    assert not is_resident(
        observation("a", NURSING_HOME, "2020-06-26"), patient | {"deceasedDateTime": None, "deceasedBoolean": True}
    )
    assert is_resident(
        observation("a", NURSING_HOME, "2020-06-26"), patient | {"deceasedDateTime": None, "deceasedBoolean": False}
    )


def test_the_stay_begins_with_its_first_statement_and_names_all() -> None:
    stay = residency(
        said(
            observation("a", NURSING_HOME, "2019-01-01"),
            observation("b", OWN_HOME, "2019-06-01"),
            observation("c", NURSING_HOME, "2020-06-26"),
            observation("d", NURSING_HOME, "2020-06-28"),
        )
    )
    assert stay is not None
    assert [each.reference for each in stay.evidence] == ["Observation/c", "Observation/d"]
    assert stay.since.recorded == "2020-06-26"
    assert from_micros(stay.since.starts).isoformat() == "2020-06-25T23:00:00+00:00", "the day begins in London"


def test_a_statement_without_a_date_counts_from_when_it_was_written() -> None:
    (statement,) = said(observation("a", NURSING_HOME, None))
    assert statement.recorded == META["lastUpdated"]


records = st.lists(
    st.builds(
        lambda number, code, day: observation(f"o{number}", code, f"2020-06-{day:02d}"),
        st.integers(0, 10**6),
        st.sampled_from([NURSING_HOME, "394923006", OWN_HOME, "360875003", DIED]),
        st.integers(1, 8),
    ),
    max_size=8,
    unique_by=lambda record: record["id"],
)


@given(records, st.randoms())
def test_the_order_in_which_records_come_makes_no_difference(written: list[dict[str, Any]], order: Any) -> None:
    shuffled = list(written)
    order.shuffle(shuffled)
    assert residency(said(*shuffled)) == residency(said(*written))


@given(records)
def test_a_resident_has_no_later_word_against_it(written: list[dict[str, Any]]) -> None:
    statements = said(*written)
    stay = residency(statements)
    against = [each for each in statements if each.meaning is not Meaning.RESIDENT]
    if stay is not None and stay.current:
        assert all(each.meaning is Meaning.ENDED and each.starts <= stay.since.starts for each in against)
        assert stay.until is None
    elif stay is not None:
        assert stay.until is not None
        assert stay.until >= stay.since.starts
    else:
        assert all(each.meaning is not Meaning.RESIDENT for each in statements)
