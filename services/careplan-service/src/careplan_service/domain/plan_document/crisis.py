"""What to do when things get worse, and who to call (PCPC-071; 003 §2.5)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from careplan_service.domain.plan_document.known import Known
from careplan_service.domain.plan_document.people import UNKNOWN, telephone_of
from careplan_service.domain.plan_document.plain_words import TEAM_ROLES, codes_of, concept_in_words, day_of
from careplan_service.domain.plan_document.section import Section, answered, item, response_of, unique
from tandem.fhir.body import Resource
from tandem.fhir.human_name import name_in_use
from tandem.printing.blocks import Text

_CLOSED: Final = frozenset({"inactive", "suspended", "entered-in-error"})
_FIRST: Final = ("key-contact", "care-coordinator", "named-gp", "responsible-lead", "named-professional")
URGENT_HELP: Final = ("If life is in danger: call 999.", "For urgent help by day or night: call NHS 111.")
NO_STEPS: Final = "No steps for a crisis are recorded in this plan."


def steps(known: Known) -> list[str]:
    """What to do, in order: the steps of the plan, what else was planned for it, and urgent help."""
    said = [each.text for each in known.answers("crisis-steps")] + [each.text for each in known.answers("contingency")]
    return [*(said or [NO_STEPS]), *URGENT_HELP]


def contacts(known: Known) -> list[tuple[str, str]]:
    """Who to call: label and how; what the plan says first, then those close, then the team in its order."""
    said = [each.text for each in known.answers("emergency-contacts")]
    found = [("In an emergency", text) for text in said]
    told = _digits("|".join(said))
    for person in family(known):
        number = telephone_of(person)
        if number and _digits(number) not in told:
            found.append((relation(person), f"{name_in_use(person)}: {number}"))
    for label, member in ordered_team(known):
        number = known.people.telephone(member)
        if number and _digits(number) not in told:
            found.append((label, f"{known.people.name_and_work(member)}: {number}"))
    return found


def _digits(text: str) -> str:
    return "".join(each for each in text if each.isdigit() or each == "|")


def crisis_entries(known: Known) -> list[str]:
    """What steps and contacts are made of."""
    said = [response_of(each) for each in known.answers("crisis-steps", "contingency", "emergency-contacts")]
    teams = [f"CareTeam/{each['id']}" for each in current_teams(known)]
    return unique([*said, *(f"RelatedPerson/{each['id']}" for each in family(known)), *teams])


def contingency(known: Known) -> Section:
    """The contingency plan, with who said what."""
    blocks, entries = answered(known, (
        ("What to do, step by step", ("crisis-steps",)), ("If my usual support fails", ("contingency",)),
        ("Who to call in an emergency", ("emergency-contacts",)),
    ))  # fmt: skip
    if not known.answers("crisis-steps", "contingency"):
        blocks.insert(0, Text("p", NO_STEPS))
    blocks += [Text("h3", "Urgent help"), *(item(each) for each in URGENT_HELP)]
    return Section("contingency", "If things get worse", tuple(blocks), tuple(entries), "risk-mitigation")


def current_teams(known: Known) -> Iterator[Resource]:
    """The teams of the plan and the person that are active."""
    linked = {str(each.get("reference")) for each in known.plan.get("careTeam") or ()}
    teams = [each for each in known.of_type("CareTeam") if each.get("status") not in _CLOSED]
    yield from [each for each in teams if f"CareTeam/{each['id']}" in linked] if linked else teams


def ordered_team(known: Known) -> list[tuple[str, dict[str, Any]]]:
    """Role in words and member, each once: those to call first stand first."""
    shown: dict[tuple[str, str], tuple[int, str, dict[str, Any]]] = {}
    for label, member, place in team(known):
        key = (known.people.name_and_work(member), label)
        shown.setdefault(key, (place, label, member))
    return [(label, member) for _, label, member in sorted(shown.values(), key=lambda each: each[0])]


def team(known: Known) -> list[tuple[str, dict[str, Any], int]]:
    """Role in words, member, and its place in the order of calling."""
    found = []
    for each in current_teams(known):
        for participant in each.get("participant") or ():
            member = participant.get("member")
            if member is None or not _takes_part(known, participant.get("period") or {}):
                continue
            codes = codes_of(participant.get("role") or ())
            places = [_FIRST.index(code) for code in codes if code in _FIRST]
            found.append((_role(participant.get("role") or ()), member, min(places, default=len(_FIRST))))
    return found


def _takes_part(known: Known, period: dict[str, Any]) -> bool:
    start, end = day_of(period.get("start")), day_of(period.get("end"))
    return (start is None or start <= known.today) and (end is None or end >= known.today)


def _role(concepts: Any) -> str:
    words = [
        next((TEAM_ROLES[code] for code in codes_of([each]) if code in TEAM_ROLES), "") or concept_in_words(each)
        for each in concepts
    ]  # fmt: skip
    return ", ".join(each for each in words if each) or "Takes part in my care"


def family(known: Known) -> list[Resource]:
    """Those close to the person, as far as they are current."""
    return [
        each for each in known.of_type("RelatedPerson")
        if each.get("active") is not False and name_in_use(each) not in ("", UNKNOWN)
    ]  # fmt: skip


def relation(person: Resource) -> str:
    """What somebody is to the person."""
    words = [concept_in_words(each) for each in person.get("relationship") or ()]
    return ", ".join(each for each in words if each).capitalize() or "Family or friend"
