"""The tables of mdt-service: the kernel's, and those of each of its parts."""

from __future__ import annotations

from sqlalchemy import MetaData

from mdt_service.appointments import tables as appointments
from mdt_service.case_management import tables as case_management
from mdt_service.duties import tables as duties
from mdt_service.home_rounds import tables as home_rounds
from mdt_service.meetings import tables as meetings
from mdt_service.multidisciplinary_teams import tables as multidisciplinary_teams
from mdt_service.tasks import tables as tasks
from tandem.cohort_membership import tables as cohort_membership
from tandem.database.tables import declare_kernel_tables
from tandem.directory import tables as directory

metadata = MetaData()
declare_kernel_tables(metadata)

for part in (
    directory, cohort_membership, tasks, duties, home_rounds, multidisciplinary_teams, meetings, appointments,
    case_management,
):  # fmt: skip
    part.declare(metadata)
