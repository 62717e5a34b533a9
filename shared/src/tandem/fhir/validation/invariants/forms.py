"""Invariants of questionnaires and their responses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

from tandem.fhir.validation.invariants.rule import Invariant, Node, has, nodes, not_both

_WITH_OPTIONS = frozenset(
    ("choice", "open-choice", "decimal", "integer", "date", "dateTime", "time", "string", "quantity")
)  # fmt: skip
_WITH_LENGTH = frozenset(("boolean", "decimal", "integer", "string", "text", "url", "open-choice"))


def _link_ids(node: Node) -> Iterator[str]:
    for item in nodes(node, "item"):
        link = item.get("linkId")
        if isinstance(link, str):
            yield link
        yield from _link_ids(item)


def _distinct(node: Node) -> bool:
    return max(Counter(_link_ids(node)).values(), default=1) == 1


def _children(node: Node) -> bool:
    kind = node.get("type")
    return not ((kind == "group" and not has(node, "item")) or (kind == "display" and has(node, "item")))


def _bare_display(*names: str) -> Callable[[Node], bool]:
    return lambda node: node.get("type") != "display" or not has(node, *names)


def _has_options(node: Node) -> bool:
    kind = node.get("type")
    return not has(node, "answerOption", "answerValueSet") or not isinstance(kind, str) or kind in _WITH_OPTIONS


def _has_length(node: Node) -> bool:
    kind = node.get("type")
    return not has(node, "maxLength") or not isinstance(kind, str) or kind in _WITH_LENGTH


def _no_initial(node: Node) -> bool:
    return node.get("type") not in ("group", "display") or not has(node, "initial")


def _behaviour_known(node: Node) -> bool:
    return len(nodes(node, "enableWhen")) <= 2 or has(node, "enableBehavior")


def _one_initial(node: Node) -> bool:
    return node.get("repeats") is True or len(nodes(node, "initial")) <= 1


def _exists_is_boolean(node: Node) -> bool:
    return node.get("operator") != "exists" or has(node, "answerBoolean")


INVARIANTS: dict[str, tuple[Invariant, ...]] = {
    "Questionnaire": (Invariant("que-2", "The link ids of a questionnaire must differ", _distinct, ("item",)),),
    "Questionnaire.item": (
        Invariant("que-1", "A group must have items, and a display none", _children),
        Invariant("que-3", "A display must have no code", _bare_display("code"), ("code",)),
        not_both("que-4", "answerOption", "answerValueSet"),
        Invariant("que-5", "An item of this type has no answer options", _has_options),
        Invariant("que-6", "A display must be neither required nor repeating", _bare_display("required", "repeats")),
        Invariant("que-8", "A group or display must have no initial value", _no_initial, ("initial",)),
        Invariant("que-9", "A display must not be read-only", _bare_display("readOnly"), ("readOnly",)),
        Invariant("que-10", "An item of this type has no maxLength", _has_length, ("maxLength",)),
        not_both("que-11", "answerOption", "initial"),
        Invariant("que-12", "More than two enableWhen need an enableBehavior", _behaviour_known),
        Invariant("que-13", "Only a repeating item can have more than one initial value", _one_initial, ("initial",)),
    ),
    "Questionnaire.item.enableWhen": (
        Invariant("que-7", "The operator exists needs a boolean answer", _exists_is_boolean),
    ),
    "QuestionnaireResponse.item": (not_both("qrs-1", "answer", "item"),),
}
