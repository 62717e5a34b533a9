"""A create that its sender repeats under the same X-Request-ID: the first answer again, and nothing new.

The NHS API standards have the identifier name one request, so that it may be sent again when its answer was lost
(https://digital.nhs.uk/developer/guides-and-documentation). An identifier that a gateway made up names nothing.
"""

from __future__ import annotations

import hashlib
from typing import Final

from sqlalchemy import BigInteger, Column, MetaData, Table, Text

from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry
from tandem.fhir.body import Resource, encode
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest
from tandem.fhir.store import load_version
from tandem.fhir.visibility import visible_resource
from tandem.fhir.writing import Written
from tandem.identity.audit import record

_HEADER: Final = "x-request-id"
_UNNAMED: Final = "x-tandem-unnamed"
_ANOTHER_BODY: Final = (
    "This X-Request-ID was sent before, with another body: it names one request, so a new request has a new one"
    " (NHS API standards, X-Request-ID)"
)


def declare(metadata: MetaData) -> None:
    """Declare the table on `metadata`: what each organisation's requests created. `at` is microseconds."""
    Table(
        "answered_request", metadata,
        Column("organisation", Text, primary_key=True),
        Column("type", Text, primary_key=True),
        Column("request_id", Text, primary_key=True),
        Column("digest", Text, nullable=False),
        Column("id", Text, nullable=False),
        Column("at", BigInteger, nullable=False),
    )  # fmt: skip


def is_named(kernel: Kernel, request: FhirRequest, resource_type: str) -> bool:
    """Whether a repetition of this create is to be recognised: its sender gave it an X-Request-ID."""
    declared = kernel.types.get(resource_type)
    if declared is None or not declared.answered_once or request.loading:
        return False
    made_up = request.headers.get(_UNNAMED, "").split(",")
    return request.headers.get(_HEADER) == request.request_id and _HEADER not in made_up


async def earlier_answer(
    kernel: Kernel, connection: Connection, request: FhirRequest, resource: Resource, identity: str
) -> Written | None:
    """What the same request created before, as it was then; None when this is the first, now kept with `identity`.

    Of two that come at once the second waits for the first to commit. Raises FhirError 422 for another body.
    """
    kind, organisation = str(resource["resourceType"]), request.caller.organisation
    digest = hashlib.sha256(encode(resource)).hexdigest()
    now = to_micros(kernel.clock.now())
    first = await connection.execute(
        "INSERT INTO answered_request (organisation, type, request_id, digest, id, at) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT DO NOTHING", organisation, kind, request.request_id, digest, identity, now,
    )  # fmt: skip
    if first:
        return None
    held = await connection.fetchrow(
        "SELECT digest, id FROM answered_request WHERE organisation = $1 AND type = $2 AND request_id = $3",
        organisation, kind, request.request_id,
    )  # fmt: skip
    assert held is not None, "an insert that does nothing found it"
    if held["digest"] != digest:
        raise FhirError(Kind.UNPROCESSABLE, _ANOTHER_BODY)
    return await _as_created(kernel, connection, request, kind, held["id"], now)


async def _as_created(
    kernel: Kernel, connection: Connection, request: FhirRequest, kind: str, identity: str, now: int
) -> Written:
    row = await load_version(connection, kind, identity, 1)
    assert row is not None, "it was committed with the request"
    seen = await visible_resource(kernel, connection, request, kind, identity)
    entry = audit_entry(request, "read", now, resource_type=kind, resource_id=identity, patient=row["patient"])
    await record(connection, [entry])
    return Written(kind, identity, 1, row["at"], row["body"] if seen is not None else None, created=True, changed=False)
