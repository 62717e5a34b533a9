"""Reading the criteria that look at records: what is recorded, measured, said and prescribed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from yaml import Node, SequenceNode

from cohort_service.domain.definition_language.blocks import Block, Notes, read_whole
from cohort_service.domain.definition_language.days import rough_days
from cohort_service.domain.definition_language.names import KEBAB
from cohort_service.domain.definition_language.nodes import (
    Criterion,
    LastSaid,
    Latest,
    Medicine,
    Medicines,
    Recorded,
    Span,
    Together,
)
from cohort_service.domain.definition_language.quantities import SPAN_ALLOWED, bounds, number, read_span, span

_MANY = 1_000


def _value_sets(block: Block, name: str) -> tuple[str, ...]:
    return block.texts(name, KEBAB, "ids of value sets")


def _recorded(node: Node, notes: Notes) -> Criterion:
    fields = ("any_of", "times", "ever", "within", "older_than", "value")
    block = Block(node, notes, "recorded", fields, required=("any_of",))
    times = number(block, "times", 1, _MANY)
    ever, within, older_than = block.flag("ever"), span(block, "within"), span(block, "older_than")
    if ever and (within or older_than):
        notes.note(node, "recorded has ever and a window", "ever, or within and older_than: a window sees the past too")
    if within and older_than and rough_days(within) <= rough_days(older_than):
        notes.note(node, "the window of recorded is impossible", "within longer than older_than")
    return Recorded(
        _value_sets(block, "any_of"), 1 if times is None else times, ever, within, older_than, bounds(block, "value")
    )


def _latest(node: Node, notes: Notes) -> Criterion | None:
    block = Block(node, notes, "latest", ("of", "value", "within"), required=("of", "value"))
    of, value, within = _value_sets(block, "of"), bounds(block, "value"), span(block, "within")
    return None if value is None else Latest(of, value, within)


def _last_said(node: Node, notes: Notes) -> Criterion:
    block = Block(node, notes, "last_said", ("among", "is", "within"), required=("among", "is"))
    among, is_, within = _value_sets(block, "among"), _value_sets(block, "is"), span(block, "within")
    if among and not set(is_) <= set(among):
        notes.note(node, "last_said asks for what is not among the choices", f"is: some of {', '.join(among)}")
    return LastSaid(among, is_, within)


def _medicine(node: Node, notes: Notes) -> Criterion:
    block = Block(node, notes, "medicine", ("any_of", "within", "between", "started_before"), required=("any_of",))
    if "within" in block and "between" in block:
        notes.note(node, "medicine has within and between", "one of the two")
    value_sets, within, started = _value_sets(block, "any_of"), span(block, "within"), span(block, "started_before")
    return Medicine(value_sets, within, _between(block), started)


def _between(block: Block) -> tuple[Span, Span] | None:
    node = block.node_of("between")
    if node is None:
        return None
    if not isinstance(node, SequenceNode) or len(node.value) != 2:
        block.notes.wrong(node, "between", f"two lengths of time, such as [6 months, 3 months]; {SPAN_ALLOWED}")
        return None
    first, second = (read_span(entry, block.notes, "between") for entry in node.value)
    if first is None or second is None:
        return None
    if rough_days(first) <= rough_days(second):
        block.notes.note(node, "between is in the wrong order", "the longer time first: [6 months, 3 months]")
    return first, second


def _medicines(node: Node, notes: Notes) -> Criterion | None:
    block = Block(node, notes, "medicines", ("at_least", "except", "any_of", "within"), required=("at_least",))
    least = number(block, "at_least", 1, _MANY)
    except_, any_of, within = _value_sets(block, "except"), _value_sets(block, "any_of"), span(block, "within")
    return None if least is None else Medicines(least, except_, any_of, within)


def _together(node: Node, notes: Notes) -> Criterion | None:
    fields = ("first", "second", "days", "within")
    block = Block(node, notes, "together", fields, required=fields)
    first, second, within = _value_sets(block, "first"), _value_sets(block, "second"), span(block, "within")
    days = block.node_of("days")
    count = None if days is None else read_whole(days, notes, "days", 0, 3660)
    return None if count is None or within is None else Together(first, second, count, within)


RECORD_CRITERIA: Mapping[str, Callable[[Node, Notes], Criterion | None]] = {
    "recorded": _recorded, "latest": _latest, "last_said": _last_said, "medicine": _medicine,
    "medicines": _medicines, "together": _together,
}  # fmt: skip
