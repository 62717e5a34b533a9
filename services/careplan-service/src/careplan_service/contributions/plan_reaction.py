"""What a write of a plan does to contributions: protected, kept, told. The entries of each version are read once."""

from __future__ import annotations

from careplan_service.contributions.contribution_rows import keep_contributions
from careplan_service.contributions.protection_reactions import protect_plan
from careplan_service.contributions.provenance_reactions import tell_who_wrote_plan
from careplan_service.domain.contributions.plan_elements import plan_version
from careplan_service.domain.shared_plan import is_shared_plan
from tandem.service import Change, Work


async def take_plan(change: Change, work: Work) -> None:
    """Hold a write of a shared plan to the contributions of others, and say who wrote what. Raises FhirError 422."""
    if not is_shared_plan(change.before) and not is_shared_plan(change.after):
        return
    before, after = plan_version(change.before), plan_version(change.after)
    await protect_plan(change, work, before, after)
    await keep_contributions(change, work, before, after)
    await tell_who_wrote_plan(change, work, before, after)
