"""In whose name somebody speaks: a member of staff of the calling organisation, or the organisation itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tandem.database.connection import Connection
from tandem.directory.queries import StaffMember, staff_member
from tandem.fhir.operation_parameters import today
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.reference_parameter import literal_given

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_STAFF = ("PractitionerRole", "Practitioner")


@dataclass(frozen=True, slots=True)
class ActingPerson:
    """`reference` is what was given, `person` the Practitioner; `names` every reference that this person goes by."""

    reference: str
    person: str
    names: frozenset[str]


async def acting_person(call: OperationCall, connection: Connection, name: str = "by") -> ActingPerson | None:
    """Who the parameter names, else the user of the token; None for neither. Raises FhirError 400, 403, 422.

    The roles come from the directory. A user without one at the calling organisation speaks for the organisation alone.
    """
    given: Any = call.one(name)
    if given is not None:
        return await person_of_caller(call, connection, literal_given(given, name, _STAFF), name)
    user = call.request.caller.user
    if user is None or not user.startswith(tuple(f"{kind}/" for kind in _STAFF)):
        return None
    try:
        return await person_of_caller(call, connection, user, name)
    except FhirError:
        return None


async def person_of_caller(call: OperationCall, connection: Connection, literal: str, name: str) -> ActingPerson:
    """Somebody by reference, who works for the caller. Raises FhirError 403, 422."""
    member = await staff_member(connection, literal, today(call))
    if member is None:
        raise FhirError(Kind.UNPROCESSABLE, f"{name} names somebody who is not known here yet", expression=name)
    employers = {role.organisation.code for role in member.roles if role.organisation is not None}
    caller = call.request.caller
    if not caller.sees_all and caller.organisation not in employers:
        text = f"{name} names somebody without a role at the calling organisation today"
        raise FhirError(Kind.FORBIDDEN, text, expression=name)
    if member.practitioner is None:
        text = f"{name} names a role whose Practitioner is not known here yet"
        raise FhirError(Kind.UNPROCESSABLE, text, expression=name)
    return ActingPerson(literal, f"Practitioner/{member.practitioner}", names_of(literal, member))


def names_of(literal: str, member: StaffMember) -> frozenset[str]:
    """Every reference that somebody goes by."""
    roles = {f"PractitionerRole/{role.id}" for role in member.roles}
    return frozenset({literal, *roles, *({f"Practitioner/{member.practitioner}"} if member.practitioner else ())})
