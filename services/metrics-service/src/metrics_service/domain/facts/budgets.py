"""Personal health budgets that were talked about (docs/personal-health-budgets.md, 000 §5.8 m7)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from metrics_service.domain.facts.answers import code_answered, day_answered, is_finished_answer, number_answered
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.events.event import Event
from tandem.fhir.body import Resource

_BUDGET: Final = "personal-health-budget"


def read_budget(response: Resource, event: Event) -> Iterable[Fact]:
    """`status` what came of it (accepted, declined, considering), `category` the kind, `value` pounds a year.

    One that was accepted holds from its start to its end; any other is of the day of the offer. Without these days it
    is of the day that it was recorded on. `detail` is how the money is managed.
    """
    if not is_finished_answer(response, _BUDGET):
        return
    outcome = code_answered(response, "outcome")
    accepted = outcome == "accepted"
    first = day_answered(response, "start" if accepted else "offered") or given_day(response.get("authored"))
    ended = day_answered(response, "end")
    yield Fact(
        "budget", first, None if ended is None else ended + 1, status=outcome, category=code_answered(response, "kind"),
        detail=code_answered(response, "management"), value=number_answered(response, "amount"),
    )  # fmt: skip
