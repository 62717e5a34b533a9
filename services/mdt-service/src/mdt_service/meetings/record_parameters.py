"""What is posted to `$record`: attendance, what was said of whom, and actions. Every fault is told at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from mdt_service.domain.meetings.codes import CONTRIBUTIONS
from tandem.fhir.operation_parameters import flag, only, texts
from tandem.fhir.parameter_rows import Part, refuse_faults, rows_asked
from tandem.fhir.reference_parameter import staff_given
from tandem.london_days import date_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_PARAMETERS: Final = ("invite", "attended", "absent", "item", "action", "learning", "by", "close")
_LONGEST: Final = 4000


@dataclass(frozen=True, slots=True)
class ItemSaid:
    """What is said of an item (a Task's id): words by kind, by whom (a reference), or why it is postponed."""

    task: str
    said: list[tuple[str, str]]
    by: str | None
    postponed: str | None


@dataclass(frozen=True, slots=True)
class ActionAgreed:
    """An action: of an item (a Task's id) or of the whole meeting; the owner is a Reference."""

    item: str | None
    what: str
    owner: dict[str, Any]
    due: date


@dataclass(slots=True)
class Posted:
    """Everything that one call records."""

    invite: list[str] = field(default_factory=list)
    attended: list[str] = field(default_factory=list)
    absent: list[str] = field(default_factory=list)
    items: list[ItemSaid] = field(default_factory=list)
    actions: list[ActionAgreed] = field(default_factory=list)
    learning: list[str] = field(default_factory=list)
    close: bool = False


def posted(call: OperationCall) -> Posted:
    """What the body says. Raises FhirError 400, 422."""
    only(call, _PARAMETERS)
    items, actions = rows_asked(call, "item", least=0), rows_asked(call, "action", least=0)
    found = Posted(
        staff_given(call, "invite"), staff_given(call, "attended"), staff_given(call, "absent"),
        [_item(each) for each in items], [each for part in actions if (each := _action(part)) is not None],
        texts(call, "learning"), flag(call, "close"),
    )  # fmt: skip
    whole = Part("Parameters", {})
    for who in sorted(set(found.attended) & set(found.absent)):
        whole.fault("attended", f"{who} is said to have been there, and not to have been there")
    refuse_faults([whole, *items, *actions])
    return found


def _item(part: Part) -> ItemSaid:
    said = [(kind, words) for kind in CONTRIBUTIONS for words in _all_words(part, kind)]
    postponed = _words(part, "postponed", required=False)
    if postponed is not None and any(kind == "decision" for kind, _ in said):
        part.fault("postponed", "An item has a decision or is postponed, not both")
    if not said and postponed is None:
        part.fault("discussion", f"Say something of the item: {', '.join(CONTRIBUTIONS)}, or postponed")
    return ItemSaid(_task(part, "task") or "", said, _staff(part, "by"), postponed)


def _action(part: Part) -> ActionAgreed | None:
    what, due = _words(part, "what"), part.day("due")
    owner = part.one("owner", "who does it: a Reference to an Organization or a PractitionerRole (000 §4.10 b3)")
    if owner is not None and not isinstance(owner, dict):
        part.fault("owner", "owner is a Reference to an Organization or a PractitionerRole")
    item = _task(part, "item", required=False)
    if what is None or due is None or not isinstance(owner, dict):
        return None
    return ActionAgreed(item, what, owner, date_of(due))


def _task(part: Part, name: str, *, required: bool = True) -> str | None:
    value = part.one(name, "a Reference to a Task of the agenda", required=required)
    literal = value.get("reference") if isinstance(value, dict) else value
    if value is None:
        return None
    if not isinstance(literal, str) or not literal.startswith("Task/"):
        part.fault(name, f"{name} is a Reference to a Task of the agenda")
        return None
    return literal.removeprefix("Task/")


def _staff(part: Part, name: str) -> str | None:
    value = part.one(name, "who says it", required=False)
    literal = value.get("reference") if isinstance(value, dict) else value
    staff = isinstance(literal, str) and literal.startswith(("PractitionerRole/", "Practitioner/"))
    if value is not None and not staff:
        part.fault(name, f"{name} is a Reference to a PractitionerRole or a Practitioner")
        return None
    return literal


def _words(part: Part, name: str, *, required: bool = True) -> str | None:
    value = part.one(name, "a text", required=required)
    return None if value is None else _checked(part, name, value)


def _all_words(part: Part, name: str) -> list[str]:
    return [words for value in part.all(name) if (words := _checked(part, name, value)) is not None]


def _checked(part: Part, name: str, value: Any) -> str | None:
    if not isinstance(value, str) or not 0 < len(value.strip()) <= _LONGEST or "\x00" in value:
        part.fault(name, f"{name} is a text of 1 to {_LONGEST} characters")
        return None
    return value.strip()
