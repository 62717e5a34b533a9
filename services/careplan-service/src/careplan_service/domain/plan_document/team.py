"""Who supports the person, and how to reach them."""

from __future__ import annotations

from careplan_service.domain.plan_document.crisis import current_teams, family, ordered_team, relation
from careplan_service.domain.plan_document.known import Known
from careplan_service.domain.plan_document.people import UNKNOWN, telephone_of
from careplan_service.domain.plan_document.section import Section, absent, paragraph
from tandem.fhir.human_name import name_in_use
from tandem.printing.blocks import Block, Table


def supporters(known: Known) -> Section:
    """The team, those close to the person, and the practice."""
    rows: list[tuple[str, str, str]] = [
        (known.people.name_and_work(member), role, known.people.telephone(member))
        for role, member in ordered_team(known)
    ]
    rows += [(name_in_use(each), relation(each), telephone_of(each)) for each in family(known)]
    listed = {row[0] for row in rows}
    for practice in (known.patient or {}).get("generalPractitioner") or ():
        name = known.people.name_and_work(practice)
        if name not in listed and name != UNKNOWN:
            rows.append((name, "My GP practice", known.people.telephone(practice)))
    blocks: list[Block] = []
    if rows:
        blocks.append(Table(("Name", "What they do for me", "Telephone"), tuple(rows)))
    else:
        blocks.append(paragraph(absent(known, "CareTeam", "Nobody is named here yet.")))
    if rows and (why := known.away.get("RelatedPerson")):
        blocks.append(paragraph(f"Family and friends are {why}."))
    entries = [f"CareTeam/{each['id']}" for each in current_teams(known)]
    entries += [f"RelatedPerson/{each['id']}" for each in family(known)]
    return Section("team", "The people who support me", tuple(blocks), tuple(entries))
