"""The ways to a safety net and to worklists: rows of `isolation_operations`, about a concern of the practice."""

from __future__ import annotations

from typing import Any

from tandem.canonical import REFERRAL_KIND
from tandem.demo.client import FhirClient
from tandem_tests.isolation_operations import OPERATIONS, Asking, Place, parameters
from tandem_tests.neighbourhood import MARK

_NET = "safety-net"


async def keep(place: Place, practice: FhirClient) -> None:
    """The practice is concerned about the person and has agreed a review; and a diagnosis that came by emergency."""
    here = place.here
    made = await practice.create({
        "resourceType": "ServiceRequest", "status": "active", "intent": "order", "subject": here.subject,
        "category": [{"coding": [{"system": REFERRAL_KIND, "code": "cancer-concern"}]}],
        "requester": here.reference("practice"), "asNeededBoolean": True,
    })  # fmt: skip
    place.kept[_NET] = made["id"]
    diagnosis = (
        ("patient", f"Patient/{here.person}"), ("type", f"Cancer of {MARK}"), ("route", "emergency"),
        ("when", "2020-06-20"),
    )  # fmt: skip
    await practice.call("POST", "ServiceRequest/$record-diagnosis", parameters(*diagnosis))


def _row(method: str, address: str, *sent: tuple[str, Any], query: str = "") -> None:
    """A row: `@person` and `@practice` stand for what this place calls them."""

    async def ask(asking: Asking) -> str:
        place = asking.place
        words = {"@person": f"Patient/{place.here.person}", "@practice": place.here.codes["practice"]}
        path = (address + query).replace("[id]", place.kept[_NET])
        for word, meaning in words.items():
            path = path.replace(word, meaning)
        if method == "GET":
            return await asking.get(path)
        return await asking.post(path, *((name, words.get(value, value)) for name, value in sent))

    OPERATIONS[f"{method} {address}"] = ask


_row("GET", "ServiceRequest/[id]/$safety-net")
_row("GET", "ServiceRequest/$safety-nets", query="?practice=@practice&_count=1000")
_row("POST", "ServiceRequest/[id]/$record-safety-net-step", ("step", "communicated"))
_row("POST", "ServiceRequest/[id]/$report-symptoms", ("trigger", "worsened"))
_row("POST", "ServiceRequest/[id]/$close-safety-net", ("outcome", "no-cancer"))
_row(
    "POST", "ServiceRequest/$record-diagnosis", ("patient", "@person"), ("type", "lung"), ("route", "emergency"),
    ("when", "2020-06-21"),
)  # fmt: skip
_row("GET", "ServiceRequest/$significant-events", query="?practice=@practice")
