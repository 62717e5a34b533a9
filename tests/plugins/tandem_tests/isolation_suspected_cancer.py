"""The ways to a suspected cancer referral: rows of `isolation_operations`, about a referral of the practice."""

from __future__ import annotations

from typing import Any

from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place, parameters
from tandem_tests.neighbourhood import MARK
from tandem_tests.network_area import values
from tandem_tests.suspected_cancer import TOLD

_REFERRAL = "suspected-cancer-referral"
_LATER = "2031-01-01"


async def keep(place: Place, practice: FhirClient) -> None:
    """The practice refers the person to the provider that has a part in her care."""
    made = await practice.call("POST", "ServiceRequest/$refer-suspected-cancer", parameters(*_asked(place)))
    place.kept[_REFERRAL] = values(made, "referral")[0]["reference"].removeprefix("ServiceRequest/")


def _asked(place: Place) -> list[tuple[str, Any]]:
    here = place.here
    return [
        ("patient", f"Patient/{here.person}"), ("performer", here.reference("community")), ("symptom", "haemoptysis"),
        ("justification", f"Worried about {MARK}"),
    ]  # fmt: skip


async def _refer(asking: Asking) -> str:
    return await asking.post("ServiceRequest/$refer-suspected-cancer", *_asked(asking.place))


async def _advice(asking: Asking) -> str:
    person = asking.place.here.person
    return await asking.get(f"ServiceRequest/$suspected-cancer-advice?patient=Patient/{person}&symptom=haemoptysis")


async def _pathway(asking: Asking) -> str:
    said = [("pathway", "lung"), ("performer", asking.place.here.reference("community")), ("from", _LATER)]
    return await asking.post("ServiceRequest/$pathways", *said)


def _row(method: str, address: str, *sent: tuple[str, Any]) -> None:
    async def ask(asking: Asking) -> str:
        path = address.replace("[id]", asking.place.kept[_REFERRAL])
        return await (asking.post(path, *sent) if method == "POST" else asking.get(path))

    OPERATIONS[f"{method} {address}"] = ask


_row("GET", "ServiceRequest/[id]/$suspected-cancer")
_row("POST", "ServiceRequest/[id]/$inform-patient", *TOLD.items(), ("format", "letter"))
_row("GET", "ServiceRequest/$suspected-cancer-criteria")
_row("POST", "ServiceRequest/$suspected-cancer-criteria", ("content", '{"version": "nothing"}'))
_row("GET", "ServiceRequest/$suspected-cancer-protocol")
_row(
    "POST", "ServiceRequest/$suspected-cancer-protocol", ("from", _LATER), ("source", "A rehearsal"),
    ("step", "examination"),
)  # fmt: skip
_row("GET", "ServiceRequest/$pathways")
OPERATIONS["POST ServiceRequest/$pathways"] = _pathway
OPERATIONS["POST ServiceRequest/$refer-suspected-cancer"] = _refer
OPERATIONS["GET ServiceRequest/$suspected-cancer-advice"] = _advice
