"""Bringing the clocks of a person in step with what is known: after every fact, in the same transaction."""

from __future__ import annotations

from careplan_service.clocks.clock_rows import bring_in_step
from careplan_service.clocks.fact_rows import facts_of
from careplan_service.clocks.person_lock import hold, try_to_hold
from careplan_service.clocks.shipped_policies import policies
from careplan_service.domain.clocks.derivation import clocks_of
from tandem.events.event import Event
from tandem.service import Work

LATER = "careplan.clocks.later"
"""The timed event that works out the clocks of a person right after the transaction that found them held."""


async def keep_clocks(work: Work, patient: str, because: str) -> None:
    """Work out the person's clocks. `because` names the change, such as `CarePlan/1/_history/2`.

    While another transaction does so for the same person, this one leaves it to a timed event that fires once it has
    committed. It does not wait: whoever is waited for may come to need the plan that is being written here.
    """
    if await try_to_hold(work.connection, patient):
        await _work_out(work, patient)
    else:
        # A key of its own each time: two that wait for one row of `due` would wait for each other's transaction.
        await work.schedule(LATER, f"{patient}/{because}", work.now, {"patient": patient})


async def work_out_later(event: Event, work: Work) -> None:
    """The timed event: nothing is held yet, so it may wait."""
    patient = str((event.data or {})["patient"])
    await hold(work.connection, patient)
    await _work_out(work, patient)


async def _work_out(work: Work, patient: str) -> None:
    await bring_in_step(work, patient, clocks_of(await facts_of(work.connection, patient), policies()))
