"""People may be loaded before their practice is known by its code: its Groups are made up for when it is."""

from __future__ import annotations

from cohort_service.catalogue.current import current_selection
from cohort_service.lists.groups import ensure_groups
from cohort_service.lists.in_force import definitions_for
from tandem.identity.organisations import code_of
from tandem.london_days import london_date
from tandem.service import Change, Work


async def give_practice_its_groups(change: Change, work: Work) -> None:
    """Make the Groups of a practice as soon as people are known to be registered there."""
    if change.after is None:
        return
    practice, as_of = code_of(change.after), london_date(work.now)
    registered = await work.connection.fetchval("SELECT 1 FROM patient WHERE practice = $1 LIMIT 1", practice)
    if registered is not None:
        selection = await current_selection(work.connection, as_of)
        await ensure_groups(work, ((each, practice) for each in definitions_for(selection, practice, as_of)))
