"""Questions to the directory. Each takes one or two statements, however much is asked for."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from tandem.database.connection import Connection, Row
from tandem.events.inbox_tables import among
from tandem.fhir.body import decode
from tandem.identity.organisations import kind_by_form, organisation_code
from tandem.identity.periods import Period
from tandem.identity.references import PREFIX
from tandem.london_days import beginning_of, day_number

_STAFF: Final = """SELECT p.id AS practitioner, p.name, p.qualifications, r.id AS role, r.organisation, r.codes,
  r.specialties, r.active, r.starts, r.ends"""
_ORGANISATION: Final = "SELECT id, code, name, kind FROM directory_organisation"
_NAMES: Final = {
    "Organization": ("SELECT 'Organization/' || id AS reference, name FROM directory_organisation", "id"),
    "Practitioner": ("SELECT 'Practitioner/' || id AS reference, name FROM directory_practitioner", "id"),
    "PractitionerRole": (
        """SELECT 'PractitionerRole/' || r.id AS reference, p.name
        FROM directory_role r JOIN directory_practitioner p ON p.id = r.practitioner""", "r.id",
    ),
    "Location": ("SELECT id AS reference, name FROM directory_place", "id"),
    "HealthcareService": ("SELECT id AS reference, name FROM directory_place", "id"),
}  # fmt: skip
_BY_REFERENCE: Final = frozenset(("Location", "HealthcareService"))


@dataclass(frozen=True, slots=True)
class Coded:
    """A coding; `system` and `code` are None where only words were written."""

    system: str | None
    code: str | None
    display: str | None


@dataclass(frozen=True, slots=True)
class Qualification:
    """What somebody is qualified in, and when: microseconds, `[starts, ends)`."""

    coded: Coded
    starts: int
    ends: int

    def holds_on(self, day: date) -> bool:
        """Whether it holds on this day in London, or a part of it."""
        return _on((self.starts, self.ends), day)


@dataclass(frozen=True, slots=True)
class DirectoryOrganisation:
    """`code` and `kind` as in tandem.identity.organisations. `id` is None for a code that no Organization here has."""

    id: str | None
    code: str
    name: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class StaffRole:
    """A PractitionerRole by id. `organisation` is None when it names none, or one that is not known here yet."""

    id: str
    organisation: DirectoryOrganisation | None
    codes: tuple[Coded, ...]
    specialties: tuple[Coded, ...]


@dataclass(frozen=True, slots=True)
class StaffMember:
    """`practitioner` is the id of the Practitioner, None when a role names none or one that is not known here yet."""

    practitioner: str | None
    name: str | None
    qualifications: tuple[Qualification, ...]
    roles: tuple[StaffRole, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A Location or HealthcareService by its reference."""

    reference: str
    name: str | None
    organisation: DirectoryOrganisation | None


async def staff_member(connection: Connection, reference: str, day: date) -> StaffMember | None:
    """Who `Practitioner/x` is, with all roles that hold that day, or `PractitionerRole/x`, with that role if it holds.

    All qualifications are given, with their times. None for another reference, and for one that is not known here.
    """
    kind, identity = _parts(reference)
    if kind == "Practitioner":
        source = "directory_practitioner p LEFT JOIN directory_role r ON r.practitioner = p.id WHERE p.id = $1"
    elif kind == "PractitionerRole":
        source = "directory_role r LEFT JOIN directory_practitioner p ON p.id = r.practitioner WHERE r.id = $1"
    else:
        return None
    rows = await connection.fetch(f"{_STAFF} FROM {source} ORDER BY r.id", identity)
    if not rows:
        return None
    held = [row for row in rows if row["role"] is not None and row["active"] and _on((row["starts"], row["ends"]), day)]
    employers = await _organisations(connection, {row["organisation"] for row in held} - {None})
    roles = tuple(
        StaffRole(row["role"], employers.get(row["organisation"]), _coded(row["codes"]), _coded(row["specialties"]))
        for row in held
    )
    return StaffMember(rows[0]["practitioner"], rows[0]["name"], _qualifications(rows[0]["qualifications"]), roles)


async def organisation_named(connection: Connection, reference_or_code: str) -> DirectoryOrganisation | None:
    """The organisation that `Organization/x`, an ODS code or `system|value` names; None when it is not known here."""
    if reference_or_code.startswith(PREFIX):
        named = PREFIX + _parts(reference_or_code)[1]
    else:
        try:
            named = organisation_code(reference_or_code)
        except ValueError:
            return None
    found = (await _organisations(connection, {named})).get(named)
    return found if found is not None and found.id is not None else None


async def place_named(connection: Connection, reference: str) -> Place | None:
    """The place that `Location/x` or `HealthcareService/x` names, and whose it is; None when it is not known here."""
    key = "/".join(_parts(reference))
    row = await connection.fetchrow("SELECT id, name, organisation FROM directory_place WHERE id = $1", key)
    if row is None:
        return None
    owners = await _organisations(connection, {row["organisation"]} - {None})
    return Place(row["id"], row["name"], owners.get(row["organisation"]))


async def names_of(connection: Connection, references: Iterable[str]) -> dict[str, str]:
    """What to show for each of these references, of any of the five types; a role has the name of its practitioner.

    What is not known here, or has no name, is left out.
    """
    asked = {reference: _parts(reference) for reference in references}
    wanted: dict[str, set[str]] = {}
    for kind, identity in asked.values():
        if kind in _NAMES:
            wanted.setdefault(kind, set()).add(f"{kind}/{identity}" if kind in _BY_REFERENCE else identity)
    if not wanted:
        return {}
    selects: list[str] = []
    params: list[Any] = []
    for kind, ids in sorted(wanted.items()):
        select, column = _NAMES[kind]
        condition, values = among(connection.dialect, column, len(params) + 1, sorted(ids))
        selects.append(f"{select} WHERE {condition}")
        params += values
    rows = await connection.fetch(" UNION ALL ".join(selects), *params)
    names = {row["reference"]: row["name"] for row in rows if row["name"]}
    plain = {reference: "/".join(parts) for reference, parts in asked.items()}
    return {reference: names[key] for reference, key in plain.items() if key in names}


async def organisation_names(connection: Connection, codes: Iterable[str]) -> dict[str, str]:
    """The name of each of these organisations by its code (see tandem.identity.organisations); unknown ones are left
    out."""
    found = await _organisations(connection, set(codes))
    return {code: organisation.name for code, organisation in found.items() if organisation.name}


async def _organisations(connection: Connection, named: Collection[str]) -> dict[str, DirectoryOrganisation]:
    """Each of these codes and references with its organisation; a code that nobody here has stands for itself."""
    if not named:
        return {}
    ids = sorted(each.removeprefix(PREFIX) for each in named if each.startswith(PREFIX))
    codes = sorted(each for each in named if not each.startswith(PREFIX))
    conditions: list[str] = []
    params: list[Any] = []
    for column, values in (("id", ids), ("code", codes)):
        if values:
            condition, added = among(connection.dialect, column, len(params) + 1, values)
            conditions.append(condition)
            params += added
    rows = await connection.fetch(f"{_ORGANISATION} WHERE {' OR '.join(conditions)} ORDER BY id DESC", *params)
    found = {code: DirectoryOrganisation(None, code, None, kind_by_form(code)) for code in codes}
    # Of several with one code the first by id counts, whichever was heard of first.
    for row in rows:
        one = DirectoryOrganisation(row["id"], row["code"], row["name"], row["kind"])
        found |= {key: one for key in (one.code, PREFIX + row["id"]) if key in named}
    return found


def _parts(reference: str) -> tuple[str, str]:
    kind, _, rest = reference.partition("/")
    return kind, rest.partition("/")[0]


def _on(span: Period, day: date) -> bool:
    number = day_number(day)
    return span[0] < beginning_of(number + 1) and span[1] > beginning_of(number)


def _coded(raw: bytes) -> tuple[Coded, ...]:
    return tuple(Coded(each["system"], each["code"], each["display"]) for each in decode(raw))


def _qualifications(raw: bytes | None) -> tuple[Qualification, ...]:
    listed: Sequence[Row] = decode(raw) if raw is not None else ()
    return tuple(
        Qualification(Coded(each["system"], each["code"], each["display"]), each["starts"], each["ends"])
        for each in listed
    )
