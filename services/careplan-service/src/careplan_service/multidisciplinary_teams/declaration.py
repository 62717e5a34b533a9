"""What multidisciplinary teams add to the declaration of the service."""

from __future__ import annotations

from careplan_service.multidisciplinary_teams.team_rules import managed_by_agreement, team_is_whole
from tandem.service_part import Part

PART = Part(rules={"CareTeam": (team_is_whole,)}, reactions={"CareTeam": (managed_by_agreement,)})
