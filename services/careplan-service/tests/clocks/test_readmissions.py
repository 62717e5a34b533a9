"""Returns to the home after hospital: the same whatever the order of the records."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from careplan_service.domain.clocks.facts import HospitalStay, Stay
from careplan_service.domain.clocks.hospital_stay import hospital_stay
from careplan_service.domain.clocks.readmissions import readmissions
from tandem.clock import LONDON, to_instant
from tandem.london_days import london_date

FIRST = datetime(2020, 7, 1, tzinfo=LONDON)
HOME = Stay("1", "care-home-residents", date(2020, 6, 1))


def at(day: float) -> datetime:
    """So many days into July 2020."""
    return FIRST + timedelta(days=day - 1)


def stay(source: str, starts: float, ends: float | None, *, home: bool = True) -> HospitalStay:
    return HospitalStay(source, at(starts), None if ends is None else at(ends), home)


def returns(*hospital: HospitalStay, home: Sequence[Stay] = (HOME,)) -> list[tuple[str, date]]:
    return [(each.source, london_date(each.at)) for each in readmissions(home, hospital)]


def test_who_comes_back_is_readmitted_that_day() -> None:
    assert returns(stay("a", 2, 5.6)) == [("a", date(2020, 7, 5))]
    assert returns(stay("a", 2, 5), stay("b", 8, 9)) == [("a", date(2020, 7, 5)), ("b", date(2020, 7, 9))]


def test_a_transfer_is_no_return() -> None:
    assert returns(stay("a", 2, 5), stay("b", 5.7, 9)) == [("b", date(2020, 7, 9))]
    assert returns(stay("a", 2, 9), stay("b", 4, 6)) == [("a", date(2020, 7, 9))]


def test_who_is_still_there_or_went_elsewhere_did_not_return() -> None:
    assert returns(stay("a", 2, None)) == []
    assert returns(stay("a", 2, 5), stay("b", 4, None)) == []
    assert returns(stay("a", 2, 5, home=False)) == []
    assert returns(stay("a", 2, 5), stay("b", 4, 5, home=False)) == []


def test_a_record_that_nobody_closed_hides_no_later_return() -> None:
    assert returns(stay("a", 2, None), stay("b", 12, 14)) == [("b", date(2020, 7, 14))]


def test_only_a_stay_that_went_on_is_returned_to() -> None:
    assert returns(stay("a", 2, 5), home=[Stay("1", "x", date(2020, 7, 3))]) == [], "came from hospital: admitted"
    assert returns(stay("a", 2, 5), home=[Stay("1", "x", date(2020, 7, 2))]) == [("a", date(2020, 7, 5))]
    assert returns(stay("a", 2, 5), home=[Stay("1", "x", date(2020, 6, 1), date(2020, 7, 5))]) == []
    assert returns(stay("a", 2, 5), home=[Stay("1", "x", date(2020, 6, 1), date(2020, 7, 6))]) != []


def reference(home: Sequence[Stay], hospital: Sequence[HospitalStay]) -> set[tuple[str, date]]:
    """By hand: days in hospital; stays that share a day hang together; the last to end tells where the person went."""
    newest = max(hospital, key=lambda each: (each.starts, each.ends is None, each.source), default=None)
    days = {}
    for each in hospital:
        first = london_date(each.starts)
        last = london_date(each.ends) if each.ends else (date.max if each is newest else first)
        days[each] = (first, last)
    together = {each: {each} for each in hospital}
    for one in hospital:
        for other in hospital:
            if days[one][0] <= days[other][1] and days[other][0] <= days[one][1]:
                joined = together[one] | together[other]
                for each in joined:
                    together[each] = joined
    found = set()
    for group in {frozenset(each) for each in together.values()}:
        if any(each.ends is None and each is newest for each in group):
            continue
        ended = {each: each.ends or each.starts for each in group}
        last = [each for each in group if ended[each] == max(ended.values())]
        if not all(each.home and each.ends for each in last):
            continue
        went, back = min(days[each][0] for each in group), london_date(max(ended.values()))
        if any(
            each.since <= went and back >= each.since and (each.until is None or back < each.until) for each in home
        ):
            found.add((max(each.source for each in last), back))
    return found


hospital_stays = st.lists(
    st.builds(
        lambda starts, length, home, number: stay(
            str(number), starts, None if length is None else starts + length, home=home
        ),
        st.integers(1, 24).map(lambda quarter: 1 + quarter * 0.75),
        st.none() | st.integers(0, 12).map(lambda quarter: quarter * 0.5),
        st.booleans(), st.integers(0, 10_000),
    ),
    max_size=6, unique_by=lambda each: each.source,
)  # fmt: skip
homes = st.lists(st.integers(0, 20), max_size=4, unique=True).map(
    lambda days: [
        Stay(
            str(place),
            "x",
            date(2020, 6, 28) + timedelta(days=since),
            until and date(2020, 6, 28) + timedelta(days=until),
        )
        for place, (since, until) in enumerate(zip(sorted(days)[::2], [*sorted(days)[1::2], None], strict=False))
    ]
)


@given(homes, hospital_stays, st.randoms(use_true_random=False))
def test_as_counted_by_hand_in_any_order(home: list[Stay], hospital: list[HospitalStay], chance: random.Random) -> None:
    found = readmissions(home, hospital)
    assert {(each.source, london_date(each.at)) for each in found} == reference(home, hospital)
    shuffled = list(hospital)
    chance.shuffle(shuffled)
    assert readmissions(home, shuffled) == found


def encounter(**more: object) -> dict[str, object]:
    period = {"start": "2020-07-02T10:00:00+01:00", "end": "2020-07-05"}
    return {
        "resourceType": "Encounter",
        "id": "e",
        "status": "finished",
        "class": {"code": "IMP"},
        "period": period,
        **more,
    }


def test_which_encounters_are_hospital_stays() -> None:
    found = hospital_stay(encounter())
    assert found is not None
    assert (found.source, to_instant(found.starts), found.ends, found.home) == (
        "Encounter/e", "2020-07-02T09:00:00.000Z", at(5), True,
    )  # fmt: skip
    assert hospital_stay(encounter(**{"class": {"code": "EMER"}})) is None
    assert hospital_stay(encounter(status="entered-in-error")) is None
    assert hospital_stay(encounter(status="planned")) is None
    assert hospital_stay(encounter(period={})) is None
    going_on = hospital_stay(encounter(status="in-progress"))
    assert going_on is not None
    assert going_on.ends is None, "the end of what goes on is only expected"
    undated = hospital_stay(encounter(period={"start": "2020-07-02"}))
    assert undated is not None
    assert undated.ends == at(2)
    died = {"dischargeDisposition": {"coding": [{"code": "exp"}]}}
    ended = hospital_stay(encounter(hospitalization=died))
    assert ended is not None
    assert not ended.home
