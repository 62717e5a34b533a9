"""What a practice writes beside a code stays with the person it wrote it of."""

from __future__ import annotations

import json

import httpx
import pytest

from tandem.canonical import DMD
from tandem.demo.client import FhirClient
from tandem_tests.listed_people import concept, group_of, on_list
from tandem_tests.neighbourhood import Neighbourhood, settle_in
from tandem_tests.running import EmbeddedTandem

UNMAPPED = [f"7{number:02}0000100000010{number}" for number in range(10)]
"""Codes of no value set."""
ABOUT_HER = "Text about Mrs Jones"


@pytest.fixture
async def here(embedded: EmbeddedTandem, http: httpx.AsyncClient) -> Neighbourhood:
    """Two practices with a person each."""
    return await settle_in(http, embedded)


async def is_ordered(client: FhirClient, patient: str, words: str) -> None:
    """Ten medicines with the same words, a number after each."""
    for place, code in enumerate(UNMAPPED):
        await client.create({
            "resourceType": "MedicationRequest", "status": "active", "intent": "order",
            "subject": {"reference": f"Patient/{patient}"}, "authoredOn": "2020-01-01",
            "medicationCodeableConcept": concept((code, f"{words} {place}"), DMD),
        })  # fmt: skip


async def test_what_one_practice_calls_a_code_is_not_shown_to_another(
    here: Neighbourhood, http: httpx.AsyncClient
) -> None:
    first, second = here.client(http, "practice"), here.client(http, "other")
    await is_ordered(first, here.person, ABOUT_HER)
    await first.caught_up()
    await is_ordered(second, here.neighbour, "Capsules")
    await second.caught_up()
    group = await group_of(second, "smr-polypharmacy")
    explained = json.dumps(await second.call("GET", f"{group}/$explain?patient=Patient/{here.neighbour}"))
    members = json.dumps(await second.call("GET", f"{group}/$members"))
    assert here.neighbour in await on_list(second, group)
    for shown in (explained, members):
        assert ABOUT_HER not in shown
        assert all(f'"Capsules {place}"' in shown for place in range(10))
    own = await group_of(first, "smr-polypharmacy")
    why = json.dumps(await first.call("GET", f"{own}/$explain?patient=Patient/{here.person}"))
    assert f'"{ABOUT_HER} 0"' in why
    assert "Capsules" not in why
