"""Work that somebody was given: Tasks (http://hl7.org/fhir/R4/task.html)."""

from __future__ import annotations

from collections.abc import Iterable

from metrics_service.domain.facts.codings import code_of, coding_texts
from metrics_service.domain.facts.fact import Fact
from metrics_service.domain.london_days import given_day
from tandem.canonical import TASK_KIND
from tandem.events.event import Event
from tandem.fhir.body import Resource
from tandem.identity.organisations import reference_code


def read_action(task: Resource, event: Event) -> Iterable[Fact]:
    """`category` is the kind of Task (action unless it says so), `last` the day after it was ended, as the Task says.

    `group` is the first record that it is for: the plan, the request.
    """
    ended = given_day((task.get("executionPeriod") or {}).get("end"))
    based = (str(each.get("reference")) for each in task.get("basedOn") or () if each.get("reference"))
    focus = (task.get("focus") or {}).get("reference")
    yield Fact(
        "action", given_day(task.get("authoredOn")), last=None if ended is None else ended + 1,
        status=task.get("status"), category=code_of(TASK_KIND, task.get("code")) or "action",
        codings=coding_texts(task.get("code")), organisation=reference_code(task.get("owner")),
        group=next(based, focus),
    )  # fmt: skip
