"""What `$explain` tells a general practitioner: in words, with what speaks against, and of earlier stays."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tandem.demo.client import FhirClient
from tandem.synth.formulary import FORMULARY
from tandem_tests.listed_people import (
    HYPERTENSION,
    OSTEOARTHRITIS,
    group_of,
    has_condition,
    is_observed,
    is_resolved,
    parameters,
    takes,
)
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.running import EmbeddedTandem

ASTHMA, ASTHMA_RESOLVED = ("195967001", "Asthma"), ("162660004", "Asthma resolved")


@pytest.fixture
async def here(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Neighbourhood:
    """A practice and everyone around it."""
    return await settle_in(http, embedded)


@pytest.fixture
def practice(here: Neighbourhood, http: httpx.AsyncClient) -> FhirClient:
    """The practice."""
    return here.client(http, "practice")


async def why(practice: FhirClient, cohort: str, person: str) -> dict[str, list[Any]]:
    """What is answered once everything is taken in."""
    await practice.caught_up()
    group = await group_of(practice, cohort)
    return parameters(await practice.call("GET", f"{group}/$explain?patient=Patient/{person}"))


def rules(within: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every rule with its text, from the outside to the inside."""
    for rule in within:
        yield rule["text"][0], rule
        yield from rules(rule.get("rule", []))


def references(named: list[dict[str, Any]]) -> list[str]:
    """The records of parameters `evidence` or `against`."""
    return [each["reference"][0]["reference"] for each in named]


def medicine(name: str) -> tuple[str, str]:
    """Code and name of a product of the synthetic formulary."""
    return FORMULARY[name].code, FORMULARY[name].name


async def test_the_medicine_that_keeps_somebody_off_is_shown_as_speaking_against(
    here: Neighbourhood, practice: FhirClient
) -> None:
    ibuprofen = await takes(practice, here.person, medicine("ibuprofen"))
    lansoprazole = await takes(practice, here.person, medicine("lansoprazole"))
    told = await why(practice, "pincer-gi-a", here.person)
    assert told["member"] == [False]
    shown = dict(rules(told["rule"]))
    nsaid = shown[
        "A medicine of the group Non-steroidal anti-inflammatory medicines was in use in the last 3 months"
    ]
    protection = shown["A medicine of the group Medicines that protect the stomach was in use in the last 3 months"]
    assert (nsaid["holds"], references(nsaid["evidence"]), "against" in nsaid) == ([True], [ibuprofen], False)
    assert (protection["holds"], references(protection["against"])) == ([True], [lansoprazole])
    assert "evidence" not in protection
    assert not any(word in text for text in shown for word in ("nsaid", "gastroprotection", "pincer")), "no ids"


async def test_what_was_said_last_is_shown_where_something_else_should_have_been(
    here: Neighbourhood, practice: FhirClient
) -> None:
    await has_condition(practice, here.person, ASTHMA)
    resolved = await is_observed(practice, here.person, ASTHMA_RESOLVED, "2020-06-20")
    shown = dict(rules((await why(practice, "pincer-as-g", here.person))["rule"]))
    said = shown["What was recorded last is Asthma, not Asthma resolved"]
    assert (said["holds"], references(said["against"]), "evidence" in said) == ([False], [resolved], False)


async def test_an_earlier_stay_is_told_as_history_alone(here: Neighbourhood, practice: FhirClient) -> None:
    first = await has_condition(practice, here.person, HYPERTENSION)
    second = await has_condition(practice, here.person, OSTEOARTHRITIS)
    told = await why(practice, "smr-multimorbidity", here.person)
    assert set(references(told["evidence"])) == {first, second}
    assert {"since", "period", "origin", "rank"} <= told.keys()
    assert "evidence" not in told["stay"][0], "of a present stay it stands at the top"
    assert "more" not in told

    await is_resolved(practice, second, "2020-06-30")
    told = await why(practice, "smr-multimorbidity", here.person)
    assert told["member"] == [False]
    assert not {"since", "period", "origin", "rank", "evidence", "more"} & told.keys()
    assert told["definition"][0].startswith("smr-multimorbidity@"), "the definition that is in force"
    [stay] = told["stay"]
    assert set(references(stay["evidence"])) == {first, second}
    assert stay["endedBy"] == ["rule"]


async def test_of_very_many_records_it_is_told_how_many_more_there_are(
    here: Neighbourhood, practice: FhirClient
) -> None:
    await has_condition(practice, here.person, OSTEOARTHRITIS)
    for _ in range(22):
        await has_condition(practice, here.person, HYPERTENSION)
    told = await why(practice, "smr-multimorbidity", here.person)
    assert len(told["evidence"]) == 20
    assert told["more"] == [3]
    counted = {text: len(rule.get("evidence", [])) for text, rule in rules(told["rule"])}
    assert counted["Hypertension is recorded"] == 22, "the rules show all of them"
