"""What an extract may hold, by rule: pseudonyms, opt-outs, codes, bands and small groups."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cohort_service.domain.extracts.codes import may_be_given, theme_of
from cohort_service.domain.extracts.opt_outs import DATA_OPT_OUT, opted_out
from cohort_service.domain.extracts.rows import ExtractPerson, extract_row, month_of, shared_by
from cohort_service.domain.extracts.small_numbers import Groups, age_band
from cohort_service.domain.pseudonym import key_is_spent, pseudonym, working_key
from tandem.canonical import BASE, DMD, NHS_NUMBER, SNOMED_CT
from tandem.london_days import day_number
from tandem.record_facts.fact import UNDATED

PLAIN = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
TODAY = day_number(date(2020, 7, 1))
TYPE_1, TYPE_1_WITHDRAWN = "827241000000103", "827261000000102"
TYPE_2, TYPE_2_WITHDRAWN = "881561000000100", "881581000000109"
TOOL = f"{BASE}/CodeSystem/identification-tool"


@PLAIN
@given(st.binary(min_size=32, max_size=32), st.binary(min_size=32, max_size=32), st.text(min_size=1))
def test_a_pseudonym_is_of_the_key_and_the_person_and_tells_neither(one: bytes, other: bytes, patient: str) -> None:
    name = pseudonym(one, patient)
    assert re.fullmatch("[0-9a-f]{32}", name)
    assert name == pseudonym(one, patient)
    assert name != pseudonym(one, patient + "x")
    assert (name == pseudonym(other, patient)) == (one == other)


def test_neither_the_database_nor_the_setting_alone_is_the_key() -> None:
    kept = b"k" * 32
    assert len({kept, working_key(kept, b""), working_key(kept, b"a setting"), working_key(b"l" * 32, b"")}) == 4


def test_a_key_is_replaced_after_a_year() -> None:
    assert not key_is_spent(TODAY - 364, TODAY)
    assert key_is_spent(TODAY - 365, TODAY)


@pytest.mark.parametrize(
    ("facts", "out"),
    [
        ([], False),
        ([(SNOMED_CT, "73211009", 1, None)], False),
        ([(SNOMED_CT, TYPE_1, 100, None)], True),
        ([(SNOMED_CT, TYPE_2, 100, None)], True),
        ([(DATA_OPT_OUT, "type-1-opt-out", 100, None)], True),
        ([(DATA_OPT_OUT, "national-data-opt-out", UNDATED, None)], True),
        ([(DATA_OPT_OUT, "national-data-opt-out", TODAY + 1, None)], True),
        ([(DATA_OPT_OUT, "national-data-opt-out", 100, TODAY + 1)], True),
        ([(DATA_OPT_OUT, "national-data-opt-out", 100, TODAY)], False),
        ([("urn:other", TYPE_1, 100, None)], False),
        ([(SNOMED_CT, TYPE_1, 100, None), (SNOMED_CT, TYPE_1_WITHDRAWN, 101, None)], False),
        ([(SNOMED_CT, TYPE_1, 100, None), (SNOMED_CT, TYPE_1_WITHDRAWN, 100, None)], True),
        ([(SNOMED_CT, TYPE_1, 100, None), (SNOMED_CT, TYPE_1_WITHDRAWN, TODAY + 1, None)], True),
        ([(SNOMED_CT, TYPE_1_WITHDRAWN, 101, None), (SNOMED_CT, TYPE_1, 102, None)], True),
        ([(SNOMED_CT, TYPE_1, 100, None), (SNOMED_CT, TYPE_2_WITHDRAWN, 101, None)], True),
        ([(SNOMED_CT, TYPE_2, 100, None), (SNOMED_CT, TYPE_2_WITHDRAWN, 101, None)], False),
    ],
)  # fmt: skip
def test_who_has_opted_out(facts: Any, out: bool) -> None:
    assert opted_out(facts, TODAY) is out
    assert opted_out(list(reversed(facts)), TODAY) is out


@pytest.mark.parametrize(
    ("system", "code", "given_out"),
    [
        (SNOMED_CT, "73211009", True), (DMD, "322236009", True), ("http://hl7.org/fhir/sid/icd-10", "E11.9", True),
        (f"{BASE}/CodeSystem/derived-fact", "care-home-stay", True), (TOOL, "housing-data/homeless", True),
        (SNOMED_CT, "9990000018", False), (SNOMED_CT, "Ada Listed", False), (SNOMED_CT, "73211008", False),
        (NHS_NUMBER, "9990000018", False), ("urn:local", "73211009", False), ("", "73211009", False),
        ("http://hl7.org/fhir/sid/icd-10", "Mr Smith", False), (TOOL, "Ada Listed", False), (TOOL, "9990000018", False),
        (TOOL, "a" * 65, False), (SNOMED_CT, TYPE_1, False), (DATA_OPT_OUT, "national-data-opt-out", False),
    ],
)  # fmt: skip
def test_only_codes_of_terminologies_are_given(system: str, code: str, given_out: bool) -> None:
    assert may_be_given(system, code) is given_out


def test_facts_of_other_sectors_are_told_apart() -> None:
    assert theme_of(TOOL, "housing-data/homeless") == theme_of(SNOMED_CT, "81877007") == "housing"
    assert theme_of(TOOL, "education-data/no-qualifications") == "education"
    assert theme_of(SNOMED_CT, "73211009") == "health"


@pytest.mark.parametrize(
    ("born", "width", "band"),
    [
        (date(1955, 7, 2), 5, "60-64"), (date(1955, 6, 30), 5, "65-69"), (date(1955, 6, 30), 20, "60-79"),
        (date(1931, 1, 1), 20, "80-89"), (date(1930, 6, 30), 5, "90+"), (date(2020, 7, 1), 5, "0-4"),
        (date(2020, 7, 2), 5, None), (None, 5, None),
    ],
)  # fmt: skip
def test_an_age_is_a_band(born: date | None, width: int, band: str | None) -> None:
    assert age_band(day_number(born) if born else None, TODAY, width) == band


def test_a_fact_has_a_month_and_one_without_a_date_has_none() -> None:
    assert month_of(TODAY) == "2020-07"
    assert month_of(UNDATED) is None


CODES = st.sampled_from(
    [(SNOMED_CT, "73211009"), (SNOMED_CT, "81877007"), (DMD, "322236009"), (NHS_NUMBER, "9990000018")]
)
STATED = st.lists(
    st.tuples(CODES, st.integers(TODAY - 900, TODAY + 40), st.none() | st.integers(TODAY - 900, TODAY + 40)).map(
        lambda each: (*each[0], each[1], each[2])
    ), max_size=4,
).map(tuple)  # fmt: skip
PEOPLE = st.lists(
    st.builds(
        ExtractPerson, st.just("x"), st.none() | st.integers(-14_000, 10_000),
        st.sampled_from(["female", "male", None]), st.sampled_from(["A00001", "A00002", None]),
        st.sampled_from(["U11111", None]),
        st.lists(st.sampled_from(["one", "two"]), unique=True).map(tuple), STATED, STATED,
    ), max_size=25,
)  # fmt: skip


@PLAIN
@given(PEOPLE, st.integers(2, 6))
def test_nothing_is_given_that_fewer_people_share(people: list[ExtractPerson], smallest: int) -> None:
    groups = Groups()
    for person in people:
        groups.count(shared_by(person, TODAY))
    rows = [extract_row(person, "name", groups.large(smallest), TODAY) for person in people]
    shared: Counter[Any] = Counter()
    for row, person in zip(rows, people, strict=True):
        shared.update({("practice", row["practice"]), ("network", row["network"]), ("sex", row["sex"])})
        shared.update(("cohort", each) for each in row["cohorts"])
        coded = [each for theme in ("health", "housing", "education", "medicines") for each in row[theme]]
        shared.update({("code", each["system"], each["code"]) for each in coded})
        assert all(len(each.get("since", "2020-01")) == 7 for each in coded)
        assert row["ageBand"] is None or person.born is not None
    assert all(count >= smallest for what, count in shared.items() if what[-1] is not None)
    assert all(system != NHS_NUMBER for what, system, *_ in shared if what == "code")


def test_a_row_holds_the_columns_that_are_documented_and_no_more() -> None:
    person = ExtractPerson(
        "p", TODAY - 24_000, "female", "A00001", "U11111", ("one",),
        ((SNOMED_CT, "73211009", TODAY - 400, None), (SNOMED_CT, "73211009", TODAY - 401, None),
         (SNOMED_CT, "81877007", UNDATED, None), (TOOL, "education-data/low-literacy", TODAY - 31, TODAY - 1),
         (SNOMED_CT, "44054006", TODAY + 1, None)),
        ((DMD, "322236009", TODAY - 60, TODAY - 30),),
    )  # fmt: skip
    groups = Groups()
    for _ in range(5):
        groups.count(shared_by(person, TODAY))
    assert extract_row(person, "name", groups.large(5), TODAY) == {
        "pseudonym": "name", "ageBand": "65-69", "sex": "female", "practice": "A00001", "network": "U11111",
        "cohorts": ["one"],
        "health": [{"system": SNOMED_CT, "code": "73211009", "since": "2019-05"}],
        "housing": [{"system": SNOMED_CT, "code": "81877007"}],
        "education": [
            {"system": TOOL, "code": "education-data/low-literacy", "since": "2020-05", "until": "2020-06"},
        ],
        "medicines": [{"system": DMD, "code": "322236009", "since": "2020-05", "until": "2020-06"}],
    }  # fmt: skip
