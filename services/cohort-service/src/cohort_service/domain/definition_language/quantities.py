"""Reading numbers that may be parameters, spans of time and bounds of a value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, cast

from yaml import Node

from cohort_service.domain.definition_language.blocks import Block, Notes, is_tagged, read_decimal, read_whole
from cohort_service.domain.definition_language.nodes import Bounds, Number, Parameter, Span

_SPAN = re.compile(r"([0-9]{1,4}) (day|week|month|year)s?")
_LONGEST = {"day": 9999, "week": 5000, "month": 1500, "year": 125}
SPAN_ALLOWED = "a length of time of at least one day, such as 28 days, 2 weeks, 6 months or 1 year (at most 125 years)"


def number(block: Block, name: str, low: int, high: int) -> Number | None:
    """A whole number from `low` to `high`, or `$parameter`, whose value must lie there too."""
    node = block.node_of(name)
    if node is None:
        return None
    if not (is_tagged(node, "str") and node.value.startswith("$")):
        return read_whole(node, block.notes, name, low, high)
    parameter = node.value[1:]
    if parameter not in block.notes.parameters:
        known = ", ".join(f"${key}" for key in block.notes.parameters) or "none, the definition has no parameters"
        block.notes.note(node, f"{name} is an unknown parameter: ${parameter[:60]}", known)
        return None
    block.notes.used.add(parameter)
    value = block.notes.parameters[parameter]
    if not low <= value <= high:
        block.notes.note(node, f"{name} is ${parameter}, which is {value}", f"a whole number from {low} to {high}")
        return None
    return Parameter(parameter)


def value_of(number: Number, parameters: Mapping[str, int]) -> int:
    """The number itself, a parameter's value in its place."""
    return parameters[number.name] if isinstance(number, Parameter) else number


def read_span(node: Node, notes: Notes, what: str) -> Span | None:
    """A length of time such as `6 months`."""
    match = _SPAN.fullmatch(node.value.strip()) if is_tagged(node, "str") else None
    if match is None or not 1 <= int(match[1]) <= _LONGEST[match[2]]:
        notes.wrong(node, what, SPAN_ALLOWED)
        return None
    return Span(int(match[1]), cast(Literal["days", "weeks", "months", "years"], f"{match[2]}s"))


def span(block: Block, name: str) -> Span | None:
    """The length of time in a field, None without it."""
    node = block.node_of(name)
    return None if node is None else read_span(node, block.notes, name)


_BOUNDS = "from (included) or above, up_to (included) or under, and the lower one less than the upper one"


def bounds(block: Block, name: str) -> Bounds | None:
    """The bounds of a value; noted when no number lies between them."""
    node = block.node_of(name)
    if node is None:
        return None
    notes = block.notes
    fields = Block(node, notes, name, ("from", "above", "up_to", "under"))
    read = {key: read_decimal(value, notes, f"{key} of {name}") for key, value in fields}
    if not read:
        notes.note(node, f"{name} has no bound", _BOUNDS)
        return None
    if ("from" in read and "above" in read) or ("up_to" in read and "under" in read):
        notes.note(node, f"{name} has two bounds on one side", _BOUNDS)
        return None
    result = Bounds(read.get("from"), read.get("above"), read.get("up_to"), read.get("under"))
    if not _possible(result):
        notes.note(node, f"the bounds of {name} exclude each other", _BOUNDS)
    return result


def _possible(bounds: Bounds) -> bool:
    low = bounds.from_ if bounds.from_ is not None else bounds.above
    high = bounds.up_to if bounds.up_to is not None else bounds.under
    if low is None or high is None:
        return True
    return low < high or (low == high and bounds.from_ is not None and bounds.up_to is not None)
