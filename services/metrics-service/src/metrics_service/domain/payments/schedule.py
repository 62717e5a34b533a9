"""The payment schedule of a practice: upfront instalments, withheld while a report is missing, and final payments."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

from metrics_service.domain.payments.money import PENNY, instalments
from metrics_service.domain.scheme.calendar import ReportPeriod, months_of
from metrics_service.domain.scheme.terms import Terms

State = Literal["upcoming", "payable", "withheld", "paid", "stopped", "awaits-approval", "not-payable"]


@dataclass(frozen=True, slots=True)
class Instalment:
    """One month's part of the upfront payment. `missing` are last days of periods whose report withholds it."""

    month: date
    amount: Decimal
    state: State
    missing: tuple[date, ...] = ()


@dataclass(frozen=True, slots=True)
class FinalPayment:
    """The payment at the end of terms; `due` is the day by which it is paid, where anybody said so."""

    due: date | None
    amount: Decimal
    state: State


@dataclass(frozen=True, slots=True)
class Dealings:
    """What was done with a practice: reports submitted (last day of period to day), what is paid, and decisions.

    `paid` are months, `finals_paid` and `approved` first days of terms; `approved` says whether performance was found
    satisfactory. `stopped` is the day from which the practice delivers no more.
    """

    submitted: Mapping[date, date]
    paid: Collection[date]
    finals_paid: Collection[date]
    approved: Mapping[date, bool]
    stopped: date | None


def total(terms: Terms, registered: int) -> Decimal:
    """The upfront payment over the whole of the terms."""
    return (terms.upfront * registered).quantize(PENNY)


def upfront(
    terms: Terms, registered: int, periods: Sequence[ReportPeriod], dealings: Dealings, today: date
) -> list[Instalment]:
    """The instalments of the terms, one on the first day of each month (PCPC-112, PCPC-114).

    A report that is overdue when an instalment falls due withholds it until the report is submitted.
    """
    months = list(months_of(terms.first, terms.last))
    found = []
    for month, amount in zip(months, instalments(total(terms, registered), len(months)), strict=True):
        missing = tuple(each.last for each in periods if each.due < month and each.last not in dealings.submitted)
        found.append(Instalment(month, amount, _state(month, missing, dealings, today), missing))
    return found


def final_payment(terms: Terms, registered: int, dealings: Dealings) -> FinalPayment:
    """The final payment, which depends on satisfactory performance (PCPC-113, PCPC-115)."""
    amount = (terms.final * registered).quantize(PENNY)
    approved = dealings.approved.get(terms.first)
    if terms.first in dealings.finals_paid:
        state: State = "paid"
    elif dealings.stopped is not None and dealings.stopped <= terms.last:
        state = "stopped"
    elif approved is None:
        state = "awaits-approval"
    else:
        state = "payable" if approved else "not-payable"
    return FinalPayment(terms.final_due, amount, state)


def overdue_reports(periods: Sequence[ReportPeriod], dealings: Dealings, today: date) -> list[date]:
    """The last days of the periods whose report is overdue: a practice without any qualifies (PCPC-117)."""
    return [each.last for each in periods if each.state(dealings.submitted.get(each.last), today) == "overdue"]


def _state(month: date, missing: Sequence[date], dealings: Dealings, today: date) -> State:
    if month in dealings.paid:
        return "paid"
    if dealings.stopped is not None and dealings.stopped <= month:
        return "stopped"
    if month > today:
        return "upcoming"
    return "withheld" if missing else "payable"
