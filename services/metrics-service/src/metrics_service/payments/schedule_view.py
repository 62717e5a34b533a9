"""The payment schedule of a practice as it stands today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from metrics_service.domain.payments.schedule import (
    Dealings,
    FinalPayment,
    Instalment,
    final_payment,
    overdue_reports,
    upfront,
)
from metrics_service.domain.scheme.calendar import ReportPeriod, report_periods
from metrics_service.domain.scheme.terms import Scheme, Terms
from metrics_service.payments.payment_rows import Recovery, dealings_of, list_of, recoveries_of, total_paid
from metrics_service.practice_reports.report_parts import gap_part
from metrics_service.practice_reports.report_view import report_view
from metrics_service.scheme.money_parameters import money
from metrics_service.scheme.parties import Seen
from metrics_service.scheme.variation_rows import scheme_of
from tandem.database.connection import Connection
from tandem.fhir.parameters_answer import coded, number, on_day, parts, text, yes

Shown = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Schedule:
    """`registered` is the list of April 2016, not weighted; None while none was recorded: then nothing is due."""

    scheme: Scheme
    periods: tuple[ReportPeriod, ...]
    dealings: Dealings
    counted: date | None
    registered: int | None
    paid: Decimal
    recoveries: tuple[Recovery, ...]
    today: date

    def instalments(self, terms: Terms) -> list[Instalment]:
        """The instalments of terms; none while the list is not known."""
        if self.registered is None:
            return []
        return upfront(terms, self.registered, self.periods, self.dealings, self.today)

    def final(self, terms: Terms) -> FinalPayment | None:
        """The final payment of terms; None while the list is not known."""
        return final_payment(terms, self.registered, self.dealings) if self.registered is not None else None

    @property
    def recovered(self) -> Decimal:
        """What was claimed back in all."""
        return sum((each.amount for each in self.recoveries), Decimal("0.00"))

    @property
    def overdue(self) -> list[date]:
        """The periods whose report keeps the practice from qualifying."""
        return overdue_reports(self.periods, self.dealings, self.today)


async def schedule_of(connection: Connection, seen: Seen, today: date) -> Schedule:
    """The schedule of a practice by the terms of its commissioner."""
    scheme = await scheme_of(connection, seen.commissioner)
    listed = await list_of(connection, seen.practice, scheme.list_first, scheme.list_last)
    return Schedule(
        scheme, tuple(report_periods(scheme)), await dealings_of(connection, seen.practice),
        listed[0] if listed is not None else None, listed[1] if listed is not None else None,
        await total_paid(connection, seen.practice), tuple(await recoveries_of(connection, seen.practice)), today,
    )  # fmt: skip


async def schedule_parts(connection: Connection, seen: Seen, schedule: Schedule, now: int) -> Shown:
    """List, qualification with every gap, terms with instalments and final payment, recoveries, and what was paid."""
    shown: Shown = [text("practice", seen.practice), text("listSource", schedule.scheme.sources["list"])]
    if schedule.registered is None or schedule.counted is None:
        shown.append(coded("state", "list-size-missing"))
    else:
        shown += [number("registered", schedule.registered), on_day("counted", schedule.counted)]
    shown.append(await _qualification(connection, seen, schedule, now))
    shown += [parts("terms", list(_terms(schedule, each))) for each in schedule.scheme.terms]
    shown += [parts("recovery", _recovery(each)) for each in schedule.recoveries]
    totals = (("paid", schedule.paid), ("recovered", schedule.recovered))
    return shown + [money(name, amount) for name, amount in totals]


async def _qualification(connection: Connection, seen: Seen, schedule: Schedule, now: int) -> dict[str, Any]:
    """Whether the practice qualifies: no report is overdue, and it goes on delivering (PCPC-117)."""
    stopped = schedule.dealings.stopped is not None
    shown: Shown = [yes("qualified", not schedule.overdue and not stopped)]
    for last in schedule.overdue:
        view = await report_view(connection, seen, last, schedule.today, now, key_figures_only=True)
        shown.append(parts("missing-report", [on_day("until", last), *map(gap_part, view.gaps)]))
    if stopped and schedule.dealings.stopped is not None:
        shown.append(on_day("stoppedDelivering", schedule.dealings.stopped))
    return parts("qualification", shown)


def _terms(schedule: Schedule, terms: Terms) -> Iterator[dict[str, Any]]:
    yield from (
        on_day("from", terms.first), on_day("until", terms.last), money("upfrontPerPatient", terms.upfront),
        money("finalPerPatient", terms.final), text("source", terms.source),
    )  # fmt: skip
    for each in schedule.instalments(terms):
        row = [on_day("month", each.month), money("amount", each.amount), coded("state", each.state)]
        yield parts("instalment", [*row, *(on_day("missingReport", last) for last in each.missing)])
    final = schedule.final(terms)
    if final is not None:
        row = [money("amount", final.amount), coded("state", final.state)]
        yield parts("final", [*row, *([on_day("due", final.due)] if final.due is not None else [])])


def _recovery(recovery: Recovery) -> Shown:
    shown = [
        number("number", recovery.number), money("amount", recovery.amount), text("reason", recovery.reason),
        on_day("recorded", recovery.recorded), text("recordedBy", recovery.recorded_by),
    ]  # fmt: skip
    if recovery.stopped is not None:
        shown.append(on_day("stoppedDelivering", recovery.stopped))
    return shown
