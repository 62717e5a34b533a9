"""What multidisciplinary teams add to the declaration of the service."""

from __future__ import annotations

from mdt_service.multidisciplinary_teams.team_listener import keep_care_team
from mdt_service.multidisciplinary_teams.team_operation import show_team
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    listeners=(Listener("keep-care-team", ("fhir.CareTeam.*",), keep_care_team),),
    operations=(
        Operation(
            "team", show_team, level="instance", type="Schedule",
            documentation="The team of a series of meetings: members, sectors, disciplines, quorum, what is missing.",
        ),
    ),
)  # fmt: skip
