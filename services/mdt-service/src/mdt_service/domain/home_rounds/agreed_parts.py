"""What organisations agreed to do for the rounds of a home, and whether they did (EHCH-030, EHCH-035)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from mdt_service.domain.home_rounds.codes import AGREED_PART, DELIVER, PARTS, PREPARE, SUBSTITUTE, TAKE_PART
from tandem.fhir.body import Resource
from tandem.fhir.operation_parameters import day_in
from tandem.fhir.outcome import Issue
from tandem.identity.organisations import reference_code
from tandem.london_days import day_number


@dataclass(frozen=True, slots=True)
class AgreedPart:
    """`organisation` is a code or `Organization/id`; days are numbers, `until` the last of them."""

    organisation: str
    part: str
    agreed: int
    until: int | None

    def holds_on(self, day: int) -> bool:
        """Whether it was agreed by this day and has not ended."""
        return self.agreed <= day and (self.until is None or day <= self.until)


def parts_agreed(schedule: Resource) -> list[AgreedPart]:
    """The parts that the extensions of a Schedule tell, as far as they can be read."""
    return [found for inner in _told(schedule) if (found := _part(inner)) is not None]


def part_faults(schedule: Resource) -> Iterator[Issue]:
    """An issue for each extension that is not whole."""
    for place, inner in enumerate(_told(schedule)):
        if _part(inner) is None:
            text = (
                f"An agreed part names organization (a Reference), part (one of {', '.join(PARTS)}) and the day on"
                " which it was agreed (000 §3.16: as agreed with the PCN)"
            )
            yield Issue(text, f"Schedule.extension.where(url='{AGREED_PART}')[{place}]")


def may_substitute(parts: Collection[AgreedPart], organisations: Collection[str], day: int) -> bool:
    """Whether a local agreement lets one of these organisations stand in for the GP on a day (EHCH-030)."""
    return any(each.part == SUBSTITUTE and each.organisation in organisations and each.holds_on(day) for each in parts)


def fulfilled(
    part: str, organisation: str, leader: str | None, present: Collection[str], prepared: Collection[str]
) -> bool:  # fmt: skip
    """Whether an organisation (code) did its part: it led, somebody of it was present, or it prepared the round."""
    if part == DELIVER:
        return organisation == leader
    if part == TAKE_PART:
        return organisation in present
    return part == PREPARE and organisation in prepared


def _told(schedule: Resource) -> Iterator[dict[str, Any]]:
    for extension in schedule.get("extension") or ():
        if extension.get("url") == AGREED_PART:
            yield {each.get("url"): each for each in extension.get("extension") or ()}


def _part(inner: dict[str, Any]) -> AgreedPart | None:
    organisation = reference_code((inner.get("organization") or {}).get("valueReference"))
    part = (inner.get("part") or {}).get("valueCode")
    agreed = day_in((inner.get("agreed") or {}).get("valueDate"))
    until = (inner.get("until") or {}).get("valueDate")
    last = day_in(until)
    if organisation is None or part not in PARTS or agreed is None or (until is not None and last is None):
        return None
    return AgreedPart(organisation, part, day_number(agreed), None if last is None else day_number(last))
