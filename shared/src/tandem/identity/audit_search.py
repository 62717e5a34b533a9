"""Search of AuditEvents: by an organisation's own privacy officer, newest first, paged by the row number.

An organisation sees what was done in its own name, and the registered practice also whatever was done with the
records of its people, by whom it may be. An operator sees all.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from tandem.database.connection import Connection, Row
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.identity.audit import COLUMNS
from tandem.identity.audit_event import _ACTIONS, row_id_of
from tandem.identity.caller import Caller
from tandem.identity.organisations import organisation_code
from tandem.identity.own_record import own_record
from tandem.identity.periods import bounds

PARAMETERS: Final = ("_count", "_id", "action", "agent", "date", "entity", "patient", "subtype")
DEFAULT_COUNT: Final = 50
LARGEST_COUNT: Final = 1000

_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_REFERENCE = re.compile(r"([A-Z][A-Za-z]{1,63})/([A-Za-z0-9\-.]{1,64})")
_DATE = re.compile(r"(eq|ne|ge|gt|le|lt|sa|eb)?(\d.*)")
# How a prefix compares the instant of a row with the span [low, high) of the date that was given.
_COMPARED: Final = {
    "eq": ("at >= {low} AND at < {high}", "low", "high"), "ne": ("(at < {low} OR at >= {high})", "low", "high"),
    "ge": ("at >= {low}", "low"), "gt": ("at >= {high}", "high"), "sa": ("at >= {high}", "high"),
    "le": ("at < {high}", "high"), "lt": ("at < {low}", "low"), "eb": ("at < {low}", "low"),
}  # fmt: skip


@dataclass(slots=True)
class AuditSearch:
    """The conditions of a search as SQL over table `audit`, and how many rows a page has."""

    count: int = DEFAULT_COUNT
    conditions: list[str] = field(default_factory=list)
    params: list[Any] = field(default_factory=list)

    def value(self, value: Any) -> str:
        """Add a value; answers its placeholder."""
        self.params.append(value)
        return f"${len(self.params)}"


@dataclass(frozen=True, slots=True)
class AuditPage:
    """Rows of table `audit`, newest first. `after` is where the next page starts; None on the last one."""

    rows: Sequence[Row]
    after: int | None


def parse_audit_search(parameters: Iterable[tuple[str, str]], service: str) -> AuditSearch:
    """Read search parameters; a comma is an "or", a repeated parameter an "and".

    Raises FhirError(UNSUPPORTED_PARAMETER) that names every unknown parameter, FhirError(BAD_REQUEST) for a value that
    cannot be read.
    """
    search = AuditSearch()
    unknown: list[Issue] = []
    for name, text in parameters:
        if name not in PARAMETERS:
            text = f"AuditEvent has no search parameter {name[:64]!r}; it has {', '.join(PARAMETERS)}"
            unknown.append(Issue(text, code="not-supported"))
        elif name == "_count":
            search.count = _count(text)
        else:
            choices = [_condition(search, name, choice, service) for choice in text.split(",")]
            search.conditions.append(f"({' OR '.join(choices)})")
    if unknown:
        raise FhirError(Kind.UNSUPPORTED_PARAMETER, issues=unknown)
    return search


def _condition(search: AuditSearch, name: str, text: str, service: str) -> str:
    if name == "date":
        return _date(search, text)
    if name == "_id":
        return f"id = {search.value(row_id_of(service, text) or 0)}"
    if name == "patient":
        return _person(search.value(_of_type(name, text, "Patient")))
    if name == "agent":
        return _agent(search, text)
    if name == "entity":
        match = _REFERENCE.fullmatch(text)
        if match is None:
            raise _unreadable(name, "Type/id")
        named = f"(type = {search.value(match[1])} AND resource_id = {search.value(match[2])})"
        return f"({named} OR {_person(search.value(match[2]))})" if match[1] == "Patient" else named
    code = text.rpartition("|")[2]
    if name == "subtype":
        return "action LIKE '$%'" if code == "operation" else f"action = {search.value(code)}"
    actions = [action for action, letter in _ACTIONS.items() if letter == code]
    if not actions:
        raise _unreadable(name, "C, R, U, D or E")
    named = f"action IN ({', '.join(search.value(action) for action in actions)})"
    return f"({named} OR action LIKE '$%')" if code == "E" else named


def _person(value: str) -> str:
    # The first of the two has an index; the second keeps it from the organisation that was refused.
    return f"(patient = {value} AND seen_patient = {value})"


def _agent(search: AuditSearch, text: str) -> str:
    if _REFERENCE.fullmatch(text):
        return f"fhir_user = {search.value(text)}"
    try:
        return f"organisation = {search.value(organisation_code(text))}"
    except ValueError:
        raise _unreadable("agent", "an organisation's code, or Type/id of a user") from None


def _date(search: AuditSearch, text: str) -> str:
    match = _DATE.fullmatch(text)
    try:
        low, high = bounds(match[2] if match else "")
    except ValueError:
        raise _unreadable("date", "a date or dateTime, with a prefix such as ge or lt if needed") from None
    template, *needed = _COMPARED[(match[1] if match else None) or "eq"]
    values = {"low": low, "high": high}
    return template.format(**{name: search.value(values[name]) for name in needed})


def _of_type(name: str, text: str, resource_type: str) -> str:
    plain = text.removeprefix(f"{resource_type}/")
    if _ID.fullmatch(plain) is None:
        raise _unreadable(name, f"{resource_type}/id")
    return plain


def _count(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise _unreadable("_count", "a whole number")
    return min(int(text), LARGEST_COUNT)


def _unreadable(name: str, form: str) -> FhirError:
    return FhirError(Kind.BAD_REQUEST, f"The search parameter {name} takes {form}", expression=name)


async def find_audit(
    connection: Connection, caller: Caller, search: AuditSearch, now_us: int, *, after: int | None = None
) -> AuditPage:
    """One page of the rows that the caller may see; `after` is that of the page before."""
    source, where, params = _seen(caller, search, now_us)
    if after is not None:
        params.append(after)
        where.append(f"id < ${len(params)}")
    columns = ", ".join(("id", *COLUMNS)).replace(" patient,", " seen_patient AS patient,")
    sql = f"SELECT {columns} FROM {source} WHERE {' AND '.join(where)} ORDER BY id DESC LIMIT {search.count + 1}"
    rows = await connection.fetch(sql, *params)
    page = rows[: search.count]
    more = len(rows) > search.count and len(page) > 0
    return AuditPage(page, int(page[-1]["id"]) if more else None)


async def count_audit(connection: Connection, caller: Caller, search: AuditSearch, now_us: int) -> int:
    """How many rows there are on all pages together."""
    source, where, params = _seen(caller, search, now_us)
    return int(await connection.fetchval(f"SELECT count(*) FROM {source} WHERE {' AND '.join(where)}", *params))


def _seen(caller: Caller, search: AuditSearch, now_us: int) -> tuple[str, list[str], list[Any]]:
    """The rows with `seen_patient`, the conditions and the values. Whom a refused request was about, if anyone at all,
    is for the registered practice: the organisation that was refused must not learn it from its own trail."""
    where, params = list(search.conditions), list(search.params)
    if caller.sees_all:
        return "(SELECT a.*, a.patient AS seen_patient FROM audit a) audited", [*where, "1=1"], params
    params += (caller.organisation, now_us)
    organisation, now = f"${len(params) - 1}", f"${len(params)}"
    ours = (
        f"patient IN (SELECT r.patient FROM access r WHERE r.organisation = {organisation}"
        f" AND r.reason = 'registered' AND r.starts <= {now} AND r.ends > {now})"
    )
    seen = f"CASE WHEN a.status < 400 OR a.{ours} THEN a.patient END"
    where.append(f"(organisation = {organisation} OR {ours})")
    own = own_record(caller, "audited.patient", params, now, named="AuditEvent", type_column="")
    if own is not None:
        where.append(own)
    return f"(SELECT a.*, {seen} AS seen_patient FROM audit a) audited", where, params
