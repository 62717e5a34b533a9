"""Which kinds of organisations the members of teams work for, as far as they are known here on a day."""

from __future__ import annotations

from datetime import date
from typing import Any

from careplan_service.domain.care_teams.gaps import Member
from careplan_service.domain.care_teams.roles import RoleHeld
from tandem.database.connection import Connection
from tandem.directory.queries import organisation_named, staff_member
from tandem.identity.organisations import reference_code


class MemberKinds:
    """Asks the directory once for each member, however many teams they are in."""

    def __init__(self, connection: Connection, day: date) -> None:
        self._connection, self._day = connection, day
        self._known: dict[str, frozenset[str]] = {}

    async def member(self, held: RoleHeld) -> Member:
        """The member with the kinds of the organisations that they, or their role, work for."""
        kinds = await self._kinds(held.member)
        if held.on_behalf_of is not None:
            kinds |= await self._kinds(held.on_behalf_of)
        return Member(held.role, held.who, kinds)

    async def _kinds(self, reference: dict[str, Any]) -> frozenset[str]:
        key = reference_code(reference) or str(reference.get("reference") or "")
        if key not in self._known:
            self._known[key] = await self._look(reference, key)
        return self._known[key]

    async def _look(self, reference: dict[str, Any], key: str) -> frozenset[str]:
        if reference_code(reference) is not None:
            organisation = await organisation_named(self._connection, key)
            return frozenset((organisation.kind,)) if organisation is not None else frozenset()
        staff = await staff_member(self._connection, key, self._day)
        roles = staff.roles if staff is not None else ()
        return frozenset(each.organisation.kind for each in roles if each.organisation is not None)
