"""The organisation that figures are asked of: found by what the request calls it, with its kind, and who holds it."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

from metrics_service.domain.who_may_ask import MEASURED_KINDS, Asking, may_ask, sees_exact
from tandem.database.connection import Connection
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.organisations import PRACTICE, organisation_code, reference_code
from tandem.identity.reference_rights import kind_of_caller
from tandem.identity.references import PREFIX

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

ORGANISATION_PARAMETERS: Final = ("organisation", "subject", "reporter")
"""Names that mean whose figures are asked for."""
_KNOWN = (
    "SELECT 1 FROM organisation WHERE code = $1"
    " UNION ALL SELECT 1 FROM patient WHERE practice = $1"
    " UNION ALL SELECT 1 FROM membership WHERE holder = $1 OR member = $1 LIMIT 1"
)


def organisation_given(call: OperationCall, *, person: bool = False) -> tuple[str, Any] | None:
    """The parameter that names an organisation, and its value; None without one. Beside a `person`, `subject` is them.

    Raises FhirError 400 when several do.
    """
    names = (name for name in ORGANISATION_PARAMETERS if not (person and name == "subject"))
    given = [name for name in names if name in call.parameters]
    if len(given) > 1:
        raise FhirError(Kind.BAD_REQUEST, f"{' and '.join(given)} mean the same here: give one", expression=given[1])
    return (given[0], call.one(given[0])) if given else None


async def organisation_asked(
    call: OperationCall, connection: Connection, asked: tuple[str, Any] | None, now: int,
    kinds: Collection[str] = MEASURED_KINDS,
) -> tuple[str, str, bool]:  # fmt: skip
    """Code and kind of the organisation whose figures are asked for, and whether the caller sees them exactly.

    Raises FhirError when it may not have them.
    """
    caller = call.request.caller
    name, value = asked or ("organisation", caller.organisation)
    about = await organisation_named(connection, name, value)
    asking = Asking(
        caller.sees_all, caller.organisation, await kind_of_caller(connection, caller.organisation), about,
        await holds(connection, caller.organisation, about, now),
    )  # fmt: skip
    if not may_ask(asking):
        raise FhirError(Kind.FORBIDDEN, "These figures are for the practice, its network and its commissioner")
    kind = await kind_of_caller(connection, about)
    if kind not in kinds:
        raise FhirError(Kind.BAD_REQUEST, "Figures are of a practice or a network; name one", expression=name)
    own_practice = asking.organisation == about and kind == PRACTICE
    if call.kernel.registered_only() and not (caller.sees_all or own_practice):
        text = "It is not certain just now which practices belong to a network; try again"
        raise FhirError(Kind.UNAVAILABLE, text, headers={"Retry-After": "30"})
    return about, kind, sees_exact(asking)


async def organisation_named(connection: Connection, name: str, value: Any) -> str:
    """The code behind the value of a parameter: ODS code, `system|value`, `Organization/id`, or a Reference to it.

    Raises FhirError 400 naming the parameter when it is none of these, 404 for an organisation not known here.
    """
    code = _code(value)
    if code is None:
        raise FhirError(
            Kind.BAD_REQUEST, f"{name} names an organisation: an ODS code, system|value or Organization/[id]",
            expression=name,
        )  # fmt: skip
    if code.startswith(PREFIX):
        code = await connection.fetchval("SELECT code FROM organisation WHERE id = $1", code.removeprefix(PREFIX))
    if code is None or await connection.fetchval(_KNOWN, code) is None:
        raise FhirError(Kind.NOT_FOUND, "No such organisation is known here", expression=name)
    return code


async def holds(connection: Connection, holder: str, member: str, now: int) -> bool:
    """Whether one organisation is a present member of another; `now` in microseconds."""
    found = await connection.fetchval(
        "SELECT 1 FROM membership WHERE holder = $1 AND member = $2 AND starts <= $3 AND ends > $3 LIMIT 1",
        holder, member, now,
    )  # fmt: skip
    return found is not None


def _code(value: Any) -> str | None:
    if isinstance(value, dict):
        return reference_code(value)
    if not isinstance(value, str):
        return None
    if "/" in value and "|" not in value and "#" not in value:
        return reference_code({"reference": value})
    try:
        return organisation_code(value)
    except ValueError:
        return None
