"""Money of the scheme and of networks at its edges."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrics_service.domain.network_funding.impact_fund import ElementRule, Rules, earned, elements, faults_of_rules
from metrics_service.domain.network_funding.reimbursable_roles import fault_of_claim, roles
from metrics_service.domain.payments.money import amount_of, instalments, pence, pounds
from metrics_service.domain.payments.schedule import Dealings, final_payment, upfront
from metrics_service.domain.scheme.calendar import report_periods
from metrics_service.domain.scheme.terms import Terms, faults_of_variation, scheme_with
from tandem.nhs.staff_kinds import kind_names

NOBODY = Dealings({}, (), (), {}, None)


@given(st.integers(1, 10**9), st.integers(1, 24))
def test_instalments_are_equal_but_for_the_last_and_add_up(kept: int, count: int) -> None:
    parts = instalments(pounds(kept), count)
    assert sum(parts) == pounds(kept)
    assert len(set(parts[:-1])) <= 1
    assert 0 <= parts[-1] - parts[0] < count * Decimal("0.01")


@pytest.mark.parametrize(("value", "amount"), [
    (5, "5.00"), (Decimal("0.1"), "0.10"), (8333.35, "8333.35"), ("12.30", "12.30"), (0, None), (-1, None),
    (True, None),
    ("five", None), (Decimal("1.005"), None), (10**9, None), (float("nan"), None), (None, None), ([], None),
])  # fmt: skip
def test_an_amount_is_whole_pence_and_more_than_nothing(value: object, amount: str | None) -> None:
    found = amount_of(value)
    assert found == (Decimal(amount) if amount is not None else None)
    assert found is None or pounds(pence(found)) == found


def test_an_instalment_is_withheld_from_the_day_after_a_report_was_due_until_it_comes() -> None:
    scheme = scheme_with()
    periods, [terms, _] = report_periods(scheme), scheme.terms
    january = date(2017, 1, 1)

    def state(dealings: Dealings, today: date) -> str:
        [found] = [each for each in upfront(terms, 10_000, periods, dealings, today) if each.month == january]
        return found.state

    assert state(NOBODY, date(2016, 12, 31)) == "upcoming"
    assert state(NOBODY, january) == "withheld"
    reported = Dealings({date(2016, 12, 31): date(2017, 1, 20)}, (), (), {}, None)
    assert state(reported, date(2017, 1, 20)) == "payable"
    assert state(Dealings({}, (january,), (), {}, None), january) == "paid"
    assert state(Dealings(reported.submitted, (), (), {}, date(2016, 12, 1)), date(2017, 1, 20)) == "stopped"


def test_a_final_payment_follows_the_decision_on_performance() -> None:
    [terms, _] = scheme_with().terms
    for approved, expected in ((None, "awaits-approval"), (True, "payable"), (False, "not-payable")):
        decided = {} if approved is None else {terms.first: approved}
        assert final_payment(terms, 10_000, Dealings({}, (), (), decided, None)).state == expected
    stopped = Dealings({}, (), (), {terms.first: True}, date(2017, 1, 1))
    assert final_payment(terms, 10_000, stopped).state == "stopped"


def test_a_variation_replaces_its_year_or_adds_one_and_lengthens_the_reporting() -> None:
    added = Terms(date(2018, 4, 1), date(2019, 3, 31), Decimal(4), Decimal(1), None, 14, "Reviewed", 1)
    before, after = scheme_with(), scheme_with([added])
    assert (after.last, after.terms_on(date(2018, 6, 1))) == (date(2019, 3, 31), added)
    assert after.terms_on(date(2017, 6, 1)) == before.terms_on(date(2017, 6, 1)), "earlier periods keep their terms"
    assert report_periods(after)[-1].due == date(2019, 4, 14)
    assert report_periods(after)[: len(report_periods(before))] == report_periods(before)
    gap = Terms(date(2019, 4, 1), date(2019, 9, 30), Decimal(4), Decimal(1), None, 0, "Reviewed")
    assert "without a gap" in str(list(faults_of_variation(gap, before, date(2017, 1, 1))))
    assert list(faults_of_variation(gap, after, date(2017, 1, 1))) == []


def test_each_reimbursable_role_is_a_kind_of_staff_and_a_claim_before_its_month_is_refused() -> None:
    assert {each.name for each in roles()} <= set(kind_names())
    for each in roles():
        assert fault_of_claim(each.name, each.first) is None
        assert fault_of_claim(each.name, date(2019, 6, 1)) is not None
    assert fault_of_claim("gp", date(2022, 1, 1)) is not None


def test_points_rise_or_fall_with_the_value_and_only_prescribing_costs_has_no_cap() -> None:
    rules = Rules("2020/21", 1, Decimal(10), tuple(
        ElementRule(each.name, Decimal(100), Decimal(0), Decimal(50)) for each in elements()
    ), "Rules")  # fmt: skip
    for each in elements():
        half, twice, below = (earned(rules, each.name, Decimal(value)) for value in (25, 100, -5))
        assert half is not None
        assert twice is not None
        assert below is not None
        assert (half.amount, below.amount) == (500, 0)
        assert twice.amount == (2_000 if each.name == "prescribing-costs" else 1_000)
        assert twice.capped == (each.name != "prescribing-costs")
    assert earned(rules, "no-such-element", Decimal(1)) is None
    same = ElementRule(elements()[0].name, Decimal(1), Decimal(1), Decimal(1))
    assert len(faults_of_rules([same, same])) == 3
