"""Life in a care home, as a practice records it.

The coded Observation says that the person lives there; the EpisodeOfCare says in which home and since when, because
the code alone names no home.
"""

from __future__ import annotations

from collections.abc import Iterator

from tandem.synth.datatypes import Json, profiled, reference, snomed
from tandem.synth.observations import SOCIAL_HISTORY, observation
from tandem.synth.person import Person

NURSING_HOME = snomed("160734000", "Lives in a nursing home")
RESIDENTIAL_HOME = snomed("394923006", "Lives in a residential home")
LIVES_IN_CARE_HOME = snomed("248171000000108", "Lives in care home")
_META = profiled("EpisodeOfCare")


def residency(person: Person) -> Iterator[Json]:
    """The records of a resident; nothing for those who live at home."""
    home, admitted = person.home, person.admitted
    if home is None or admitted is None:
        return
    period = {"start": admitted.isoformat()}
    if person.died:
        period["end"] = person.died.isoformat()
    yield {
        "resourceType": "EpisodeOfCare",
        "id": person.record_id("EpisodeOfCare", home.party.code),
        "meta": _META,
        "status": "finished" if person.died else "active",
        "type": [LIVES_IN_CARE_HOME],
        "patient": reference(person.reference),
        "managingOrganization": reference(home.party.reference, home.party.name),
        "period": period,
    }
    code = NURSING_HOME if home.nursing else RESIDENTIAL_HOME
    yield observation(person, code, SOCIAL_HISTORY, admitted, "residency")
