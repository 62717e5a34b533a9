"""A criterion in plain English, as an explanation shows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cohort_service.domain.definition_language.nodes import (
    Age,
    All,
    AnyOf,
    AtLeast,
    Bounds,
    Categories,
    Criterion,
    InCohort,
    LastSaid,
    Latest,
    Medicine,
    Medicines,
    Not,
    Number,
    Recorded,
    Sex,
    Span,
    Together,
)
from cohort_service.domain.definition_language.quantities import value_of


def in_words(criterion: Criterion, parameters: Mapping[str, int]) -> str:
    """One sentence without a full stop; value sets, groups and cohorts stand by their ids, parameters by value."""

    def value(number: Number) -> int:
        return value_of(number, parameters)

    match criterion:
        case All():
            return "all of these hold"
        case AnyOf():
            return "at least one of these holds"
        case Not():
            return "this does not hold"
        case AtLeast(count, of):
            return f"at least {value(count)} of these {len(of)} hold"
        case InCohort(cohort):
            return f"is selected by {cohort}"
        case Age(low, high):
            return _age(None if low is None else value(low), None if high is None else value(high))
        case Sex(is_):
            return f"is {is_}"
        case Recorded():
            return _recorded(criterion, value(criterion.times))
        case Latest(names, bounds, within):
            return f"the newest value of {_or(names)}{_within(within)} is {_bounds(bounds)}"
        case LastSaid(among, is_, within):
            return f"what was last said of {_or(among)}{_within(within)} is {_or(is_)}"
        case Medicine():
            return _medicine(criterion)
        case Medicines():
            return _medicines(criterion, value(criterion.at_least))
        case Together(first, second, days, within):
            apart = "on the same day" if days == 0 else f"within {days} days of each other"
            return f"a medicine of {_or(first)} and another of {_or(second)} were in use {apart}{_within(within)}"
        case Categories(group, low, high, plus):
            most = "" if high is None else f" and at most {value(high)}"
            more = ", and one more is counted for each of these that holds" if plus else ""
            return f"at least {value(low)}{most} of the categories of {group} were ever recorded{more}"


def _age(low: int | None, high: int | None) -> str:
    if high is None:
        return f"is aged {low} or over"
    return f"is aged under {high}" if low is None else f"is aged {low} to {high - 1}"


def _recorded(criterion: Recorded, times: int) -> str:
    what = f"a fact of {_or(criterion.value_sets)}"
    if times > 1:
        what = f"at least {times} records with {what}"
    if criterion.value is not None:
        what += f" and a value {_bounds(criterion.value)}"
    if criterion.older_than is not None:
        between = f" and at least {_span(criterion.older_than)} ago"
        return f"{what} began{_within(criterion.within)}{between if criterion.within else between.removeprefix(' and')}"
    if criterion.within is not None:
        return f"{what} began{_within(criterion.within)}"
    if criterion.ever:
        return f"{what} was ever recorded"
    return f"{what} {'are' if times > 1 else 'is'} current"


def _medicine(criterion: Medicine) -> str:
    what = f"a medicine of {_or(criterion.value_sets)}"
    if criterion.between is not None:
        first, second = criterion.between
        text = f"{what} was in use between {_span(first)} and {_span(second)} ago"
    elif criterion.within is not None:
        text = f"{what} was in use{_within(criterion.within)}"
    else:
        text = f"{what} is in use"
    started = criterion.started_before
    return text if started is None else f"{text}, and one was started at least {_span(started)} ago"


def _medicines(criterion: Medicines, least: int) -> str:
    of = f" of {_or(criterion.value_sets)}" if criterion.value_sets else ""
    except_ = f", not counting {_or(criterion.except_)}" if criterion.except_ else ""
    when = f"were in use{_within(criterion.within)}" if criterion.within else "are in use"
    return f"{least} or more different medicines{of} {when}{except_}"


def _within(span: Span | None) -> str:
    return "" if span is None else f" within the last {_span(span)}"


def _span(span: Span) -> str:
    return f"{span.amount} {span.unit if span.amount > 1 else span.unit.removesuffix('s')}"


def _bounds(bounds: Bounds) -> str:
    named = (("from", bounds.from_), ("above", bounds.above), ("up to", bounds.up_to), ("under", bounds.under))
    return " and ".join(f"{word} {number:g}" for word, number in named if number is not None)


def _or(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"
