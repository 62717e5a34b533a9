"""A criterion in plain English, as an explanation shows it."""

from __future__ import annotations

from collections.abc import Mapping

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
from cohort_service.domain.definition_language.titles import Titles


def in_words(criterion: Criterion, parameters: Mapping[str, int], titles: Titles | None = None) -> str:
    """One sentence without a full stop. Parameters stand by their value, and what has no title by its id."""
    text = _sentence(criterion, parameters, Titles() if titles is None else titles)
    return text[0].upper() + text[1:]


def _sentence(criterion: Criterion, parameters: Mapping[str, int], titles: Titles) -> str:
    def value(number: Number) -> int:
        return value_of(number, parameters)

    match criterion:
        case All():
            return "All of these hold"
        case AnyOf():
            return "At least one of these holds"
        case Not():
            return "The following does not hold"
        case AtLeast(count, of):
            least = value(count)
            return f"At least {least} of these {len(of)} {'holds' if least == 1 else 'hold'}"
        case InCohort(cohort):
            return f'Meets the definition of "{titles.cohorts.get(cohort, cohort)}"'
        case Age(low, high):
            return _age(None if low is None else value(low), None if high is None else value(high))
        case Sex(is_):
            return f"Is {is_}"
        case Recorded():
            return _recorded(criterion, value(criterion.times), titles)
        case Latest(names, bounds, within):
            return f"The newest value of {titles.of_value_sets(names)}{_within(within)} is {_bounds(bounds)}"
        case LastSaid(among, is_, within):
            others = [each for each in among if each not in is_]
            but = f", not {titles.of_value_sets(others)}" if others else ""
            return f"What was recorded last{_within(within)} is {titles.of_value_sets(is_)}{but}"
        case Medicine():
            return _medicine(criterion, titles)
        case Medicines():
            return _medicines(criterion, value(criterion.at_least), titles)
        case Together():
            return _together(criterion, titles)
        case Categories(group, low, high, plus):
            many, be = _how_many(value(low), None if high is None else value(high))
            more = ", counting one more for each of these that holds" if plus else ""
            named = titles.groups.get(group, f"group {group}")
            return f"{many} of the {named} {be} recorded at any time{more}"


def _age(low: int | None, high: int | None) -> str:
    if high is None:
        return f"Is {low} or older"
    if low is None:
        return f"Is under {high}"
    return f"Is {low} years old" if low == high - 1 else f"Is {low} to {high - 1} years old"


def _recorded(criterion: Recorded, times: int, titles: Titles) -> str:
    what = titles.of_value_sets(criterion.value_sets)
    if criterion.value is not None:
        bounds = _bounds(criterion.value)
        what += f" with a value {bounds if bounds.startswith(('over', 'under')) else f'of {bounds}'}"
    window = _window(criterion)
    if times > 1:
        return f"At least {times} {'records' if window else 'current records'} of {what}{window}"
    plural = titles.plural(criterion.value_sets)
    if window:
        return f"{what} {'were' if plural else 'was'} recorded{window}"
    return f"{what} {'are' if plural else 'is'} recorded"


def _window(criterion: Recorded) -> str:
    within, older = criterion.within, criterion.older_than
    if within is not None and older is not None:
        return f" between {_span(within)} and {_span(older)} ago"
    if older is not None:
        return f" {_span(older)} ago or earlier"
    return " at any time" if criterion.ever else _within(within)


def _medicine(criterion: Medicine, titles: Titles) -> str:
    what = f"A medicine of {_groups(criterion.value_sets, titles)}"
    if criterion.between is not None:
        first, second = criterion.between
        text = f"{what} was in use between {_span(first)} and {_span(second)} ago"
    elif criterion.within is not None:
        text = f"{what} was in use{_within(criterion.within)}"
    else:
        text = f"{what} is in use"
    started = criterion.started_before
    return text if started is None else f"{text}, and one was started {_span(started)} ago or earlier"


def _medicines(criterion: Medicines, least: int, titles: Titles) -> str:
    of = f" of {_groups(criterion.value_sets, titles)}" if criterion.value_sets else ""
    except_ = f", not counting those of {_groups(criterion.except_, titles)}" if criterion.except_ else ""
    when = f"were in use{_within(criterion.within)}" if criterion.within else "are in use"
    return f"{least} or more different medicines{of} {when}{except_}"


def _together(criterion: Together, titles: Titles) -> str:
    first, second = _groups(criterion.first, titles), _groups(criterion.second, titles)
    days = criterion.days
    apart = "on the same day" if days == 0 else f"within {_span(Span(days, 'days'))} of each other"
    return f"A medicine of {first} and another of {second} were in use {apart}{_within(criterion.within)}"


def _groups(value_sets: tuple[str, ...], titles: Titles) -> str:
    return f"the group{'s' if len(value_sets) > 1 else ''} {titles.of_value_sets(value_sets)}"


def _how_many(low: int, high: int | None) -> tuple[str, str]:
    if high is not None and low != high:
        return f"{low} to {high} categories", "were"
    categories, be = ("category", "was") if low == 1 else ("categories", "were")
    return f"{'At least' if high is None else 'Exactly'} {low} {categories}", be


def _within(span: Span | None) -> str:
    if span is None:
        return ""
    return f" in the last {_span(span)}" if span.amount > 1 else f" in the last {span.unit.removesuffix('s')}"


def _span(span: Span) -> str:
    return f"{span.amount} {span.unit if span.amount > 1 else span.unit.removesuffix('s')}"


def _bounds(bounds: Bounds) -> str:
    if bounds.from_ is not None and bounds.from_ == bounds.up_to:
        return f"exactly {bounds.from_:.12g}"
    low = [f"{bounds.from_:.12g} or more"] if bounds.from_ is not None else []
    low += [f"over {bounds.above:.12g}"] if bounds.above is not None else []
    high = [f"{bounds.up_to:.12g} or less"] if bounds.up_to is not None else []
    high += [f"under {bounds.under:.12g}"] if bounds.under is not None else []
    return " and ".join(low + high)
