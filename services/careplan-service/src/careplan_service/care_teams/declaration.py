"""What care teams add to the declaration of the service."""

from __future__ import annotations

from careplan_service.care_teams.case_listener import name_coordinator
from careplan_service.care_teams.gaps_operation import gaps
from careplan_service.care_teams.hand_over_operation import NOTICE, hand_over
from careplan_service.care_teams.team_reactions import check_team
from careplan_service.care_teams.team_rows import keep_roles
from tandem.service import Listener, Operation
from tandem.service_part import Part

PART = Part(
    listeners=(Listener("name-coordinator", ("tandem.case.accepted",), name_coordinator),),
    reactions={"CareTeam": (check_team, keep_roles)},
    operations=(
        Operation(
            "hand-over", hand_over, level="instance", type="CareTeam", letter="u", writes=True,
            documentation="Gives a role of a person's team to somebody, or passes it on, with the reason and the day.",
        ),
        Operation(
            "gaps", gaps, type="CareTeam",
            documentation="Whose care teams lack a member that their list asks for, as of any day.",
        ),
    ),
    emits={NOTICE: "The members of a care team are to be told something, by a Communication."},
)  # fmt: skip
