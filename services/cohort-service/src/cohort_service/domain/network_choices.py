"""What a network may choose of the cohorts, and what its choices mean on a day (AC-083, PC-040, PC-041, ECD-073).

A mandatory cohort is the same everywhere. Of a local one a network changes the parameters. An optional one is on only
for the practices of networks that switched it on, with parameters of their own if they like.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from cohort_service.domain.definition_language.nodes import CohortDefinition


@dataclass(frozen=True, slots=True)
class Choice:
    """What an organisation chose for a cohort from a day on; it holds until its next choice for that cohort."""

    organisation: str
    cohort: str
    from_: date
    switched_on: bool
    parameters: tuple[tuple[str, int], ...] = ()


def choice_faults(definition: CohortDefinition, choice: Choice, today: date) -> list[str]:
    """Why a network cannot choose this. Values of parameters are checked with the definition itself, not here."""
    faults = []
    if definition.status == "mandatory":
        faults.append(
            f"{definition.id} ({definition.title}) is mandatory, by {definition.source}: a network cannot change it or"
            " switch it off"
        )
    elif definition.status == "local" and not choice.switched_on:
        faults.append(f"{definition.id} is a local rule: a network may change its parameters, but not switch it off")
    unknown = [name for name, _ in choice.parameters if name not in definition.parameters]
    if unknown:
        known = ", ".join(sorted(definition.parameters)) or "none"
        faults.append(f"{definition.id} has no parameter {', '.join(unknown)}; it has: {known}")
    if choice.from_ < today:
        faults.append("a choice holds from today or a later day on: lists that were given out do not change")
    return faults


def choices_on(choices: Iterable[Choice], day: date) -> list[Choice]:
    """Of each organisation and cohort the choice that holds on the day, in order of cohort and organisation."""
    latest: dict[tuple[str, str], Choice] = {}
    for choice in sorted(choices, key=lambda each: each.from_):
        if choice.from_ <= day:
            latest[choice.cohort, choice.organisation] = choice
    return [latest[key] for key in sorted(latest)]


def switched_on(
    definitions: Mapping[str, CohortDefinition], holding: Iterable[Choice], practices: Mapping[str, tuple[str, ...]]
) -> dict[str, tuple[str, ...]]:
    """Optional cohort -> the practices of the networks that switched it on. `practices` are those of each network."""
    on: dict[str, set[str]] = {}
    for choice in holding:
        definition = definitions.get(choice.cohort)
        if choice.switched_on and definition is not None and definition.status == "optional":
            on.setdefault(choice.cohort, set()).update(practices.get(choice.organisation, ()))
    return {cohort: tuple(sorted(members)) for cohort, members in sorted(on.items())}


def changed_parameters(
    definitions: Mapping[str, CohortDefinition], holding: Iterable[Choice], practices: Mapping[str, tuple[str, ...]]
) -> dict[tuple[str, tuple[tuple[str, int], ...]], tuple[str, ...]]:
    """Cohort and changed parameters -> the practices they hold for.

    A parameter that a newer version no longer has is passed over, and so is every one of a cohort that has become
    mandatory. Of a practice in two networks the first network's choice holds.
    """
    taken: set[tuple[str, str]] = set()
    changed: dict[tuple[str, tuple[tuple[str, int], ...]], list[str]] = {}
    for choice in holding:
        definition = definitions.get(choice.cohort)
        if definition is None or definition.status == "mandatory" or not choice.switched_on:
            continue
        standard = definition.parameters
        own = tuple((name, value) for name, value in choice.parameters if standard.get(name, value) != value)
        of = [each for each in practices.get(choice.organisation, ()) if (choice.cohort, each) not in taken]
        taken.update((choice.cohort, each) for each in of)
        if own and of:
            changed.setdefault((choice.cohort, own), []).extend(of)
    return {key: tuple(sorted(of)) for key, of in sorted(changed.items())}
