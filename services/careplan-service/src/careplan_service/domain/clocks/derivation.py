"""From what is known of a person to the person's clocks: all of them, each time, so that no order of news matters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from careplan_service.domain.clocks.clock import Clock
from careplan_service.domain.clocks.facts import PLAN_AGREED, PLAN_ENDED, PLAN_REVIEWED, Facts, Happening, Stay
from careplan_service.domain.clocks.policy import Begins, Policy
from careplan_service.domain.clocks.readmissions import readmissions
from tandem.london_days import london_date
from tandem.nhs.working_days import end_of_london_day, start_of_london_day


@dataclass(frozen=True, slots=True)
class _Span:
    """A time in which there is always a clock: `cause` starts the first one."""

    cause: str
    starts: datetime
    ends: datetime | None
    plan: str | None = None


def clocks_of(facts: Facts, policies: Sequence[Policy]) -> dict[tuple[str, str], Clock]:
    """The person's clocks by cause and kind."""
    found: dict[tuple[str, str], Clock] = {}
    for policy in policies:
        for clock in _of_policy(policy, facts):
            found[clock.cause, clock.kind] = clock
    return found


def _of_policy(policy: Policy, facts: Facts) -> Iterator[Clock]:
    on_list = [each for each in facts.stays if each.list == policy.list]
    match policy.begins:
        case Begins.STAY:
            for stay in on_list:
                if policy.governs(stay.since):
                    yield _single(policy, facts, _membership(stay), start_of_london_day(stay.since), stay)
        case Begins.READMISSION:
            for back in readmissions(on_list, facts.hospital):
                if policy.governs(london_date(back.at)):
                    yield _single(policy, facts, back.source, back.at, back.stay)
        case Begins.PLAN:
            yield from _always(policy, facts, _plan_spans(facts))
        case Begins.LIST:
            spans = [
                _Span(_membership(each), start_of_london_day(each.since), _day_start(each.until)) for each in on_list
            ]
            yield from _always(policy, facts, _merged(spans))
        case Begins.SUPPORT:
            spans = [_Span(each.source, each.since, each.until) for each in facts.supports]
            yield from _always(policy, facts, _merged(spans))


def _single(policy: Policy, facts: Facts, cause: str, starts: datetime, stay: Stay) -> Clock:
    """The clock of one stay or return: stopped by the first thing that was done from then on."""
    done = [each.at for each in facts.happenings if each.kind in policy.stops and each.at >= starts]
    ends = _earlier(_day_start(stay.until), facts.died)
    return _clock(
        policy, facts, cause, starts, policy.last(london_date(starts)), min(done, default=None), ends, facts.plan
    )


def _always(policy: Policy, facts: Facts, spans: Sequence[_Span]) -> Iterator[Clock]:
    """One clock after the other for as long as each span lasts; what stops one starts the next.

    What was done before the span counts from its own day, so a yearly review of last year's is due when that is a year
    old, and not a year after the person came onto the list.
    """
    for span in spans:
        ends = _earlier(span.ends, facts.died)
        happened = [
            each for each in sorted(facts.happenings, key=_order)
            if each.kind in policy.stops and span.plan in (None, each.plan)
        ]  # fmt: skip
        before = [each for each in happened if each.at <= span.starts]
        after = [each for each in happened if each.at > span.starts and (ends is None or each.at < ends)]
        yield from _chain(policy, facts, span, before[-1] if before else None, after, ends)


def _chain(
    policy: Policy, facts: Facts, span: _Span, base: Happening | None, after: Sequence[Happening],
    ends: datetime | None,
) -> Iterator[Clock]:  # fmt: skip
    cause, starts = span.cause, span.starts
    day = london_date(base.at if base is not None else span.starts)
    last = _last(policy, day, base.next if base is not None else None)
    plan = span.plan or facts.plan
    for each in after:
        # Done twice on a day is done once, unless a review says when the next one is.
        if base is not None and each.next is None and london_date(each.at) == day:
            continue
        if policy.governs(london_date(starts)):
            yield _clock(policy, facts, cause, starts, last, each.at, ends, plan)
        base, cause, starts, day = each, each.source, each.at, london_date(each.at)
        last = _last(policy, day, each.next)
    if policy.governs(london_date(starts)):
        yield _clock(policy, facts, cause, starts, last, None, ends, plan)


def _last(policy: Policy, day: date, asked: date | None) -> date:
    """A review may ask for the next one sooner than the policy does, and not later."""
    last = policy.last(day)
    return last if asked is None else max(day, min(asked, last))


def _clock(
    policy: Policy, facts: Facts, cause: str, starts: datetime, last: date, stopped: datetime | None,
    ends: datetime | None, plan: str | None,
) -> Clock:  # fmt: skip
    if ends is not None and (stopped is None or stopped >= ends):
        stopped, closed = None, max(ends, starts)
    else:
        closed = None
    first = any(each.list == policy.first and each.until is None for each in facts.stays)
    return Clock(
        cause, policy.kind, policy.name, starts, end_of_london_day(last), policy.warning(last), stopped, closed, plan,
        first,
    )  # fmt: skip


def _plan_spans(facts: Facts) -> list[_Span]:
    """From when a plan was agreed until it ended; agreed again, it begins anew."""
    touched = [each for each in facts.happenings if each.kind in (PLAN_AGREED, PLAN_REVIEWED, PLAN_ENDED)]
    spans: list[_Span] = []
    for plan in sorted({each.plan for each in touched if each.plan is not None}):
        begun: Happening | None = None
        own = [each for each in touched if each.plan == plan]
        for each in sorted(own, key=_order):
            if each.kind != PLAN_ENDED:
                begun = begun or each
            elif begun is not None:
                spans.append(_Span(begun.source, begun.at, each.at, plan))
                begun = None
        if begun is not None:
            spans.append(_Span(begun.source, begun.at, None, plan))
    return spans


def _merged(spans: Sequence[_Span]) -> list[_Span]:
    """Times that overlap or touch are one, begun by the earliest."""
    found: list[_Span] = []
    for each in sorted(spans, key=lambda one: (one.starts, one.cause)):
        if each.ends is not None and each.ends <= each.starts:
            continue
        held = found[-1] if found else None
        if held is None or (held.ends is not None and held.ends < each.starts):
            found.append(each)
        else:
            ends = None if held.ends is None or each.ends is None else max(held.ends, each.ends)
            found[-1] = _Span(held.cause, held.starts, ends)
    return found


def _order(happening: Happening) -> tuple[datetime, bool, int, str]:
    # Of what was written in one moment, the review that sets a day says when the next one is.
    return happening.at, happening.next is not None, happening.version, happening.source


def _membership(stay: Stay) -> str:
    return f"membership/{stay.id}"


def _day_start(day: date | None) -> datetime | None:
    return None if day is None else start_of_london_day(day)


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    given = [each for each in (one, other) if each is not None]
    return min(given, default=None)
