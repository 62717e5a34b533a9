"""Who may give, change, evidence and withdraw a duty; operators and our own services may all of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Final

from mdt_service.domain.duties.codes import DUTY
from mdt_service.domain.duties.duty_task import WITHDRAWN, is_kind
from mdt_service.domain.duties.evidence import outputs_of
from mdt_service.duties.area import networks_about, stands_above
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Kind
from tandem.service import Change

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_TERMS: Final = (
    "owner", "instantiatesCanonical", "focus", "restriction", "description", "code", "partOf", "reasonCode",
    "requester",
)  # fmt: skip
"""What a duty is; how far it has come is told by the rest."""


async def givers_of(connection: Connection, owner: str, at: int) -> set[str]:
    """Who gives an organisation a duty: its networks, the commissioners of it and of these, and whom it commissions."""
    return await stands_above(connection, owner, at) | (set(await networks_about(connection, owner, at)) - {owner})


async def must_give(call: OperationCall, connection: Connection, owner: str, now: datetime) -> None:
    """Whoever gives the duties of a year may. Raises FhirError 403."""
    caller = call.request.caller
    if not caller.sees_all and not await may_see(connection, caller.organisation, owner, to_micros(now)):
        raise FhirError(Kind.FORBIDDEN, "Duties are given by the organisation itself, its network or its commissioner")


async def may_see(connection: Connection, caller: str, owner: str, at: int) -> bool:
    """The owner, its networks and its commissioners."""
    return caller == owner or caller in await stands_above(connection, owner, at)


async def refuse_strangers(connection: Connection, change: Change, owner: str | None, now: datetime) -> None:
    """Raises FhirError 403 for a direct write by somebody whose part it is not."""
    caller, before, after = change.caller.organisation, change.before, change.after
    owns = caller == owner
    gives = owner is not None and not owns and caller in await givers_of(connection, owner, to_micros(now))
    was_duty = is_kind(before, DUTY)
    if was_duty and not is_kind(after, DUTY):
        raise FhirError(Kind.FORBIDDEN, "A duty stays in the register; whoever gave it may withdraw it: cancelled")
    assert after is not None, "a duty that is deleted was refused"
    if not owns and not gives:
        text = "A duty is given to an organisation by itself, its network or its commissioner"
        raise FhirError(Kind.FORBIDDEN, text, expression="Task.owner")
    if outputs_of(after) != (outputs_of(before) if was_duty else []) and not owns:
        raise FhirError(
            Kind.FORBIDDEN, "Only the organisation that owes a duty shows evidence", expression="Task.output"
        )
    if not was_duty or before is None:
        return
    if owns and any(before.get(name) != after.get(name) for name in _TERMS):
        raise FhirError(Kind.FORBIDDEN, "Who owes a duty does not change what is owed, by whom or by when")
    status = str(after.get("status"))
    if status != before.get("status") and owns and status in WITHDRAWN:
        raise FhirError(Kind.FORBIDDEN, "A duty is withdrawn by whoever gave it", expression="Task.status")
    if status != before.get("status") and not owns and status == "completed":
        raise FhirError(Kind.FORBIDDEN, "Only the organisation that owes a duty completes it", expression="Task.status")
