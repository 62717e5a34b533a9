"""What `$clocks` answers, whichever service keeps the clocks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from tandem.clock import to_micros
from tandem.database.connection import Row
from tandem.fhir.auditing import audit_reads
from tandem.fhir.parameters_answer import Parameter, answer, instant, yes

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall
    from tandem.fhir.request import FhirResponse


async def clocks_answer(
    call: OperationCall, rows: Sequence[Row], clocks: Iterable[Parameter], moment: datetime, *, more: bool
) -> FhirResponse:
    """`as-of`, each `clock`, and `more`; that the people of these rows were read is kept."""
    assert call.type is not None, "declared on a type"
    now = to_micros(call.kernel.clock.now())
    patients: set[str | None] = {row["patient"] for row in rows}
    await audit_reads(call.kernel.database, call.request, "$clocks", call.type, patients, now)
    return answer([instant("as-of", moment), *clocks, *([yes("more", True)] if more else [])])
