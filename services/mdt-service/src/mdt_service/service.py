"""mdt-service: who does what, by when?

It owns the actions of the team: Tasks, appointments and what is said to people. Each area of that is a part with a
declaration of its own; here they are put together.
"""

from __future__ import annotations

from mdt_service.appointments import declaration as appointments
from mdt_service.case_management import declaration as case_management
from mdt_service.communications import declaration as communications
from mdt_service.duties import declaration as duties
from mdt_service.erased_rows import ERASED
from mdt_service.home_rounds import declaration as home_rounds
from mdt_service.meetings import declaration as meetings
from mdt_service.multidisciplinary_teams import declaration as multidisciplinary_teams
from mdt_service.tables import metadata
from mdt_service.tasks import declaration as tasks
from tandem.cohort_membership.part import COHORT_MEMBERSHIP
from tandem.directory.part import DIRECTORY
from tandem.fhir.ownership import OWNED_TYPES
from tandem.service_part import Part, service_of_parts

PARTS: tuple[Part, ...] = (
    DIRECTORY,
    COHORT_MEMBERSHIP,
    tasks.PART,
    communications.PART,
    appointments.PART,
    duties.PART,
    home_rounds.PART,
    multidisciplinary_teams.PART,
    meetings.PART,
    case_management.PART,
)

service = service_of_parts(
    "mdt-service",
    OWNED_TYPES["mdt-service"],
    metadata,
    "mdt_service:migrations",
    PARTS,
    erases=ERASED,
)
