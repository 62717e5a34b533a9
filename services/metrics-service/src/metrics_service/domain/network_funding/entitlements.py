"""The streams of funding of a network and what each comes to (PCN-021 to PCN-024, PCN-027, PCN-028, PCN-062)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.resources import files
from typing import Any

from tandem.fhir.body import decode


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of funding. `per` is what `rate` is multiplied by; None for what is claimed or earned.

    `more_than` says that the documents give a lower bound alone, `indicative` that they call the amount typical.
    """

    name: str
    title: str
    first_year: str
    basis: str
    per: str
    rate: Decimal | None
    more_than: bool
    indicative: bool
    full_time: Decimal | None
    conditions: str
    source: str


@dataclass(frozen=True, slots=True)
class Size:
    """A network in a year: its practices, and the people registered with them; None while a list is not known."""

    practices: int
    registered: int | None


def streams(year: str) -> list[Stream]:
    """The streams that there are in a financial year such as `2020/21`."""
    return [each for each in _streams() if each.first_year <= year]


def stream_names() -> tuple[str, ...]:
    """The names of all streams."""
    return tuple(each.name for each in _streams())


def amount(stream: Stream, size: Size) -> Decimal | None:
    """What the stream comes to for a network; None for what is claimed or earned, or not known."""
    if stream.rate is None:
        return None
    if stream.per == "registered":
        return stream.rate * size.registered if size.registered is not None else None
    return stream.rate * (size.practices if stream.per == "practice" else 1)


def core_and_director(year: str, size: Size) -> Decimal | None:
    """Core payment and Clinical Director together: the total is over this (PCN-024). None before there were both."""
    found = [amount(each, size) for each in streams(year) if each.name in ("core", "clinical-director")]
    known = [each for each in found if each is not None]
    return sum(known, Decimal(0)) if len(known) == 2 else None


def average_share(year: str) -> tuple[Decimal, str] | None:
    """What an average network could secure of the impact fund in a year, with its source; None where nobody says."""
    found = next((each for each in _file()["average-impact-share"] if each["year"] == year), None)
    return (Decimal(found["amount"]), found["source"]) if found is not None else None


@cache
def _streams() -> tuple[Stream, ...]:
    return tuple(
        Stream(
            each["name"], each["title"], each["from"], each["basis"], each["per"],
            Decimal(each["amount"]) if "amount" in each else None, each.get("more-than", False),
            each.get("indicative", False),
            Decimal(each["full-time-equivalent"]) if "full-time-equivalent" in each else None,
            each["conditions"], each["source"],
        )
        for each in _file()["streams"]
    )  # fmt: skip


@cache
def _file() -> dict[str, Any]:
    read: dict[str, Any] = decode((files("metrics_service.domain.network_funding") / "streams.json").read_bytes())
    return read


def listed(name: str) -> list[dict[str, Any]]:
    """Another list of the file: `roles`, `impact-elements`."""
    found: list[dict[str, Any]] = _file()[name]
    return found
