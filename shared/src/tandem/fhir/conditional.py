"""Criteria of conditional interactions: matched against what the caller may see, and serialised per criteria."""

from __future__ import annotations

import hashlib

from tandem.database.connection import Connection
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest
from tandem.fhir.search.engine import search
from tandem.fhir.search.query import parse_query
from tandem.fhir.search_type import search_access


async def criteria_lock(connection: Connection, resource_type: str, pairs: list[tuple[str, str]]) -> None:
    """Hold all other transactions with the same criteria until this one ends (SQLite has one writer anyway)."""
    if connection.dialect == "postgresql":
        text = repr((resource_type, sorted(pairs))).encode()
        key = int.from_bytes(hashlib.sha256(text).digest()[:8], "big", signed=True)
        await connection.fetchval("SELECT pg_advisory_xact_lock($1)", key)


async def match_ids(
    kernel: Kernel, connection: Connection, request: FhirRequest, resource_type: str, pairs: list[tuple[str, str]]
) -> list[str]:
    """Up to two ids that match, enough to tell none, one and many apart. Raises FhirError 400 without any criteria."""
    query = parse_query(resource_type, [*pairs, ("_count", "2")], False, base=kernel.base, service=kernel.service.name)
    if not query.conditions:
        raise FhirError(Kind.BAD_REQUEST, "Conditional interactions need at least one search parameter")
    page = await search(connection, query, search_access(kernel, request, query))
    return [found.id for found in page.matches]
