"""A version of a definition as a part of Parameters: what a clinician, a network or an auditor wants to read of it."""

from __future__ import annotations

from collections.abc import Mapping

from cohort_service.catalogue.current import parsed
from cohort_service.domain.definition_language.in_words import in_words
from cohort_service.domain.definition_language.nodes import CohortDefinition, Criterion
from cohort_service.domain.definition_language.references import inner_criteria, references_of
from cohort_service.domain.definition_language.titles import Titles
from tandem.clock import from_micros, to_instant
from tandem.database.connection import Row
from tandem.fhir.parameters_answer import Parameter, number, parts, text, yes


def described(row: Row, in_force: bool, counts: Mapping[str, int], titles: Titles) -> Parameter:
    """`counts` gives the active members of each value set that is in force; `titles` name what criteria speak of."""
    definition = parsed(row["id"], row["text"])
    found = [
        text("id", definition.id), text("version", definition.version), text("title", definition.title),
        text("description", definition.description), text("service", definition.service),
        text("status", definition.status), text("source", definition.source), yes("inForce", in_force),
        yes("list", definition.listed), yes("withdrawn", not row["active"]),
        {"name": "installed", "valueInstant": to_instant(from_micros(row["installed"]))},
        text("installedBy", row["installed_by"]),
    ]  # fmt: skip
    found += _dates(definition)
    found += [text("requirement", each) for each in definition.requirements]
    found += [
        parts("parameter", [text("name", name), number("value", value)])
        for name, value in sorted(definition.parameters.items())
    ]
    references = references_of(definition)
    found += [
        parts("valueSet", [text("id", each), number("active", counts.get(each, 0))]) for each in references.value_sets
    ]
    found += [text("group", each) for each in references.groups] + [text("cohort", each) for each in references.cohorts]
    return parts("definition", [*found, *_in_words(definition, titles), text("text", definition.text)])


def _in_words(definition: CohortDefinition, titles: Titles) -> list[Parameter]:
    def whole(criterion: Criterion) -> str:
        return whole_in_words(criterion, definition.parameters, titles)

    found = [text("members", whole(definition.members))]
    found += [text("keptOut", f"{each.text}:\n{whole(each.when)}") for each in definition.exclude]
    found += [text("ranked", f"{each.text} ({each.points} points):\n{whole(each.when)}") for each in definition.rank]
    return found + [text("suggests", each) for each in definition.suggests]


def whole_in_words(criterion: Criterion, parameters: Mapping[str, int], titles: Titles, depth: int = 0) -> str:
    """A criterion and all within it, a line each, what is within further in."""
    own = f"{'  ' * depth}{in_words(criterion, parameters, titles)}"
    inner = (whole_in_words(each, parameters, titles, depth + 1) for each in inner_criteria(criterion))
    return "\n".join((own, *inner))


def _dates(definition: CohortDefinition) -> list[Parameter]:
    given = (("appliesFrom", definition.applies_from), ("appliesUntil", definition.applies_until))
    return [{"name": name, "valueDate": day.isoformat()} for name, day in given if day is not None]
