"""One screening process for a network: by which channels, and how long after one another, people are invited (ECD-054).

Whoever is on a list of overdue screening gets the first step so many days after coming onto the list, each further one
so many days after the step before it was done. What was done otherwise is an exception, and is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from cohort_service.domain.engagement.contact import CHANNELS

MOST_STEPS = 20
LONGEST_DAYS = 1_000


@dataclass(frozen=True, slots=True)
class ProcessStep:
    """A contact by `channel`, `after` days after the one before, or after the person came onto the list."""

    channel: str
    after: int


@dataclass(frozen=True, slots=True)
class ScreeningProcess:
    """A version that a network (a code) published; in force from `from_day` until a later one is. Days as in facts."""

    network: str
    version: str
    from_day: int
    cohorts: tuple[str, ...]
    steps: tuple[ProcessStep, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A contact that was made, by `channel` on `day`."""

    channel: str
    day: int


@dataclass(slots=True)
class Progress:
    """For one person: the day on which each step is or was due, the day on which it was done, and the exceptions."""

    due: list[int | None] = field(default_factory=list)
    done: list[int | None] = field(default_factory=list)
    exceptions: list[str] = field(default_factory=list)


def step_faults(steps: Sequence[ProcessStep]) -> list[str]:
    """Why a process is refused."""
    found = [f"{each.channel} is no channel; allowed: {', '.join(CHANNELS)}"
             for each in steps if each.channel not in CHANNELS]  # fmt: skip
    found += [f"afterDays is at most {LONGEST_DAYS}" for each in steps if not 0 <= each.after <= LONGEST_DAYS]
    if not 0 < len(steps) <= MOST_STEPS:
        found.append(f"A process has 1 to {MOST_STEPS} steps")
    return found


def process_on(processes: Iterable[ScreeningProcess], cohort: str, day: int) -> ScreeningProcess | None:
    """The newest version for a list that is in force on the day."""
    held = [each for each in processes if cohort in each.cohorts and each.from_day <= day]
    return max(held, key=lambda each: each.from_day, default=None)


def progress(
    steps: Sequence[ProcessStep], begins: int, contacts: Iterable[Made], outcome: str | None, today: int
) -> Progress:
    """Where somebody stands who came onto the list on the day `begins`; contacts before that day count nowhere.

    A contact is the next step when it has its channel, and an exception otherwise; so is one that came before its day,
    and a step that was due before today and is not done. Nothing is due after an `outcome` (attended or declined).
    """
    found = Progress([None] * len(steps), [None] * len(steps))
    place, since = 0, begins
    for each in sorted((each for each in contacts if each.day >= begins), key=lambda each: each.day):
        if place == len(steps):
            found.exceptions.append(f"A {each.channel} after the last step")
        elif each.channel != steps[place].channel:
            found.exceptions.append(f"A {each.channel} where a {steps[place].channel} was next")
        else:
            due = found.due[place] = since + steps[place].after
            if each.day < due:
                found.exceptions.append(f"The {each.channel} came before its day")
            found.done[place] = since = each.day
            place += 1
    if outcome in ("attended", "declined"):
        if outcome == "declined":
            found.exceptions.append("The person declined; nothing more is due")
        return found
    if place < len(steps):
        due = found.due[place] = since + steps[place].after
        if due < today:
            found.exceptions.append(f"The {steps[place].channel} is overdue")
    return found
