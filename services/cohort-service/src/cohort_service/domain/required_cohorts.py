"""Which cohorts a run for a service must consider (SMR-031, 000 paragraph 2.15 bullet 2 with paragraph 2.7)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from cohort_service.domain.definition_language.nodes import CohortDefinition


class NoDefinition(Exception):
    """No definition is in force for groups that must be considered; `groups` names them."""

    def __init__(self, groups: Sequence[str]) -> None:
        self.groups = tuple(groups)
        super().__init__(f"no definition is in force for {', '.join(self.groups)}")


def check_in_force(definitions: Collection[str], must_consider: Mapping[str, str]) -> None:
    """Raises NoDefinition when a cohort that must be considered (cohort -> paragraph) has no definition at all.

    Without one a run would count nobody for a group of the paragraph and still look complete.
    """
    missing = [paragraph for cohort, paragraph in must_consider.items() if cohort not in definitions]
    if missing:
        raise NoDefinition(missing)


def cohorts_of_service(definitions: Mapping[str, CohortDefinition], service: str) -> list[str]:
    """The cohorts whose definition says that they are for this service, in order of their ids."""
    return sorted(name for name, each in definitions.items() if each.service == service)


def omitted(required: Collection[str], considered: Collection[str]) -> list[str]:
    """The required cohorts that a run would leave out, in order of their ids."""
    return sorted(set(required) - set(considered))
