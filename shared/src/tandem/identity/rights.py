"""Who may write what: decided before every write, from the store's own tables and never from the token alone.

What a caller may not see it cannot change: that is answered as if it were not there. No text holds patient data.
"""

from __future__ import annotations

from dataclasses import dataclass

from tandem.database.connection import Connection
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Kind
from tandem.identity import reference_rights
from tandem.identity.access import RECEIVED_TYPES, SHARED_BY_NAME, SHARED_TYPES, has_access, visible
from tandem.identity.caller import Caller
from tandem.identity.organisations import COMMISSIONER, NETWORK, PRACTICE
from tandem.identity.own_writes import NOT_THEIRS, is_own_write
from tandem.identity.reference_rights import kind_of_caller, named
from tandem.identity.registrations import practice_reference_of
from tandem.service import Action

_NO_ACCESS = "The organisation has no access to this person's record"
_UNSEEN = "No such resource"


@dataclass(frozen=True, slots=True)
class WriteDecision:
    """Whether a write may go ahead. `granted` is False when it is only received from a stranger to the person.

    `hidden` says that the caller may not even see what it would change: that is a 404, every other refusal a 403.
    """

    allowed: bool
    granted: bool = True
    text: str = ""
    hidden: bool = False

    def enforce(self) -> None:
        """Raises FhirError(NOT_FOUND or FORBIDDEN) unless the write is allowed."""
        if not self.allowed:
            raise FhirError(Kind.NOT_FOUND if self.hidden else Kind.FORBIDDEN, self.text)


_YES = WriteDecision(True)
_RECEIVED = WriteDecision(True, granted=False)
_HIDDEN = WriteDecision(False, granted=False, text=_UNSEEN, hidden=True)


def _no(text: str) -> WriteDecision:
    return WriteDecision(False, granted=False, text=text)


async def write_refusal(
    connection: Connection, caller: Caller, resource_type: str, action: Action, before: Resource | None,
    after: Resource | None, patient: str | None, now_us: int, *, practice: str | None = None,
    registered_only: bool = False,
) -> WriteDecision:  # fmt: skip
    """Decide a write. `patient` is the id of the person whom `after` is about (on delete: `before`), when there is one.

    `before` is None for a create; an update without it (of an id that is not held) is decided as a create. `practice`
    is the practice that a load names for people whose record names none. `now_us` is the domain clock in microseconds.
    """
    if caller.sees_all:
        return _YES
    if before is not None:
        refused = await _refused_change(connection, caller, resource_type, before, now_us, registered_only)
        if refused is not None:
            return refused
    if caller.person is not None and not is_own_write(caller.person.reference, resource_type, before, after):
        return _no(NOT_THEIRS)
    if resource_type == "Patient":
        return await _patient(connection, caller, before, after, practice)
    if resource_type in SHARED_TYPES:
        text = await reference_rights.refusal(connection, caller, resource_type, before, after)
        return _no(text) if text else _YES
    if patient is None or await has_access(
        connection, caller, patient, now_us, resource_type=resource_type, registered_only=registered_only
    ):
        return _YES
    if before is None and resource_type in RECEIVED_TYPES:
        commissioner = await kind_of_caller(connection, caller.organisation) == COMMISSIONER
        return _no(_NO_ACCESS) if commissioner else _RECEIVED
    return _no(_NO_ACCESS)


async def _refused_change(
    connection: Connection, caller: Caller, resource_type: str, before: Resource, now_us: int, registered_only: bool
) -> WriteDecision | None:
    params: list[object] = [resource_type, before["id"]]
    condition = visible(caller, "r", params, now_us, resource_type=resource_type, registered_only=registered_only)
    row = await connection.fetchrow(
        f"SELECT r.patient, r.author, r.custodian FROM resource r WHERE r.type = $1 AND r.id = $2 AND {condition}",
        *params,
    )
    if row is None:
        return _HIDDEN
    if resource_type in SHARED_TYPES:
        return None
    if row["patient"] is not None:
        # The sender of what was only received reads it back; changing it is for those who care for the person.
        person = row["patient"]
        seen = await has_access(
            connection, caller, person, now_us, resource_type=resource_type, registered_only=registered_only
        )
        return None if seen else _no(_NO_ACCESS)
    if caller.organisation in (row["author"], row["custodian"]):
        return None
    kind = await kind_of_caller(connection, caller.organisation)
    if kind == COMMISSIONER:
        return _no("A commissioner does not change what its area keeps")
    if resource_type in SHARED_BY_NAME and kind != NETWORK:
        return _no("Only the organisation that made it, or its network, changes it; take part by its operations")
    return None


async def _patient(
    connection: Connection, caller: Caller, before: Resource | None, after: Resource | None, practice: str | None
) -> WriteDecision:
    if await kind_of_caller(connection, caller.organisation) != PRACTICE:
        return _no("People are registered by their practice")
    if before is not None:
        # Once people move, the new practice writes: the old one may hand over, but not take back.
        current = await connection.fetchval("SELECT practice FROM patient WHERE id = $1", before["id"])
        ours = current == caller.organisation
        return _YES if ours else _no("Only the practice where the person is registered changes this record")
    reference = practice_reference_of(after or {}) or practice
    if reference is None or await named(connection, reference) == caller.organisation:
        return _YES
    return _no("A practice registers people with itself only")
