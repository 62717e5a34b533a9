"""What is known when a plan is made into a document: the records, who said what, and what could not be had."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

from careplan_service.domain.plan_document.people import People
from tandem.fhir.body import Resource

AWAY: Final = "not available just now"
CLOSED: Final = "not shown with this access"


@dataclass(frozen=True, slots=True)
class Said:
    """One answer of the plan's Questionnaires: `text` in words, `code` when it is one of some options.

    `who` names its author and `day` is when; `finished` is False while its response is still being written.
    """

    response: str
    questionnaire: str
    section: str
    link_id: str
    text: str
    who: str
    day: date
    finished: bool
    code: str | None = None


@dataclass(frozen=True, slots=True)
class Known:
    """`records` are by type, `away` says for a type why it is missing (AWAY or CLOSED), `work` is what is done.

    `printed_by` names the organisation that asked, `organisation` is its code. `contributors` names who put something
    into the plan, the first of them first. `titles` are those of the
    Questionnaires, by name.
    """

    plan: Resource
    now: datetime
    today: date
    printed_by: str
    organisation: str
    patient: Resource | None
    records: Mapping[str, Sequence[Resource]]
    said: Sequence[Said]
    people: People
    away: Mapping[str, str] = field(default_factory=dict)
    titles: Mapping[str, str] = field(default_factory=dict)
    work: Sequence[Resource] = ()
    contributors: Sequence[str] = ()
    index: Mapping[str, Resource] = field(init=False)

    def __post_init__(self) -> None:
        held = {f"{kind}/{each['id']}": each for kind, listed in self.records.items() for each in listed}
        contained = {f"#{each['id']}": each for each in self.plan.get("contained") or () if each.get("id")}
        object.__setattr__(self, "index", held | contained)

    def answers(self, *links: str, questionnaire: str = "personalised-care-and-support-plan") -> list[Said]:
        """The answers to these items, the oldest first."""
        return [each for each in self.said if each.questionnaire == questionnaire and each.link_id in links]

    def of_type(self, name: str) -> Sequence[Resource]:
        """The records of a type."""
        return self.records.get(name, ())

    def find(self, reference: Any) -> Resource | None:
        """The record that a Reference names, those contained in the plan included."""
        text = str((reference or {}).get("reference") or "")
        return self.index.get(text.partition("/_history/")[0])
