"""A plan that is to become active, and what it is asked for: the words between `plans` and the areas that ask."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime

from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.outcome import Issue


@dataclass(frozen=True, slots=True)
class Activation:
    """A shared plan as it stands, or as it is about to be written.

    `programmes` are those that bind it: always PC; EHCH, AC and PCPC (see `plans/programmes.py`). `lists` are the
    cohorts on whose lists the person is on `day`, a day in London.
    """

    id: str
    plan: Resource
    patient: str
    programmes: frozenset[str]
    lists: frozenset[str]
    day: date
    now: datetime


Find = Callable[[Connection, Activation], Awaitable[list[Issue]]]


@dataclass(frozen=True, slots=True)
class ActivationCheck:
    """Something that a plan of a programme has: one thing of the checklist.

    `find` answers nothing when it is there, else an Issue for each fault: of severity `error` it refuses the
    activation, of severity `warning` it is only shown. The text names the rule, its source (`003 §2.5`) and how to add
    what is missing. It is asked for plans of `programme` only, reads and never writes.
    """

    name: str
    programme: str
    requirements: tuple[str, ...]
    source: str
    find: Find
