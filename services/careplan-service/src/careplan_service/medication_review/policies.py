"""The dated policies of medication review: those shipped, and what was published since (SMR-036, SMR-056, SMR-062)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeVar

from careplan_service.domain.medication_review.clinicians import ClinicianPolicy, clinician_policy_of
from careplan_service.domain.medication_review.guidance import Guidance, guidance_of
from careplan_service.domain.medication_review.products import Products, products_of
from tandem.clock import to_micros
from tandem.database.connection import Connection, Row
from tandem.fhir.body import decode, encode
from tandem.fhir.outcome import FhirError, Kind
from tandem.nhs.value_set_folder import value_set_shared

CLINICIANS, GUIDANCE, INHALERS, FORMULARY = "clinicians", "guidance", "inhalers", "formulary"
READERS: Final[dict[str, Callable[[Any], Any]]] = {
    CLINICIANS: clinician_policy_of, GUIDANCE: guidance_of, INHALERS: products_of, FORMULARY: products_of,
}  # fmt: skip
"""What reads the content of each kind; raises ValueError. No formulary is shipped."""
_T = TypeVar("_T", ClinicianPolicy, Guidance, Products)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a policy, in force from its first day until the first day of a later one."""

    kind: str
    scope: str
    version: int
    first: date
    source: str
    content: Any


@cache
def shipped(kind: str) -> tuple[Version, ...]:
    """Version 1 of the file of that name; nothing for formularies."""
    file = files("careplan_service.medication_review") / f"{kind}.json"
    if not file.is_file():
        return ()
    body = decode(file.read_bytes())
    content = body["content"] if "content" in body else _products_of(body["valueSet"])
    return (Version(kind, "", 1, date.fromisoformat(body["from"]), body["source"], content),)


def _products_of(name: str) -> dict[str, Any]:
    """A value set that measures count by too, in the form in which products are published here."""
    members = value_set_shared(name).members
    return {"products": [{"code": each.code, "name": each.display} for each in members if each.active]}


async def versions_of(connection: Connection, kind: str, scope: str = "") -> list[Version]:
    """Every version, the first to begin first."""
    rows = await connection.fetch("SELECT * FROM medication_review_policy WHERE kind = $1 AND scope = $2", kind, scope)
    found = [*shipped(kind), *map(_version, rows)] if scope == "" else list(map(_version, rows))
    return sorted(found, key=lambda each: (each.first, each.version))


def in_force(versions: Sequence[Version], day: date) -> Version | None:
    """The last to have begun by a day; of those that begin on one day the newest."""
    begun = [each for each in versions if each.first <= day]
    return begun[-1] if begun else None


async def clinician_policy(connection: Connection, day: date) -> tuple[Version, ClinicianPolicy]:
    """Who may review on a day. Raises FhirError 422 for a day before the service began."""
    version = await _required(connection, CLINICIANS, day)
    return version, clinician_policy_of(version.content)


async def guidance_on(connection: Connection, day: date) -> tuple[Version, Guidance]:
    """The steps of a day."""
    version = await _required(connection, GUIDANCE, day)
    return version, guidance_of(version.content)


async def inhalers_on(connection: Connection, day: date) -> Products:
    """The inhalers with a high carbon footprint, of a day."""
    return products_of((await _required(connection, INHALERS, day)).content)


async def formulary_on(
    connection: Connection, commissioners: Sequence[str], day: date
) -> tuple[Version, Products] | None:
    """The formulary in force of the first of these commissioners that has one."""
    for each in commissioners:
        version = in_force(await versions_of(connection, FORMULARY, each), day)
        if version is not None:
            return version, products_of(version.content)
    return None


async def publish(
    connection: Connection, kind: str, scope: str, first: date, source: str, content: Any, author: str, now: Any
) -> Version:
    """Keep the next version. Hold it first."""
    known = await versions_of(connection, kind, scope)
    version = 1 + max((each.version for each in known), default=0)
    await connection.execute(
        "INSERT INTO medication_review_policy (kind, scope, version, first_day, source, content, author, at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        kind, scope, version, first.isoformat(), source, encode(content), author, to_micros(now),
    )  # fmt: skip
    return Version(kind, scope, version, first, source, content)


async def _required(connection: Connection, kind: str, day: date) -> Version:
    version = in_force(await versions_of(connection, kind), day)
    if version is None:
        first = shipped(kind)[0].first.isoformat()
        raise FhirError(Kind.BUSINESS_RULE, f"Structured medication reviews begin on {first} (000 §2.15)")
    return version


def _version(row: Row) -> Version:
    first = date.fromisoformat(row["first_day"])
    return Version(row["kind"], row["scope"], row["version"], first, row["source"], decode(bytes(row["content"])))
