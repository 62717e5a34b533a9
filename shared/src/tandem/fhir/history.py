"""FHIR history interaction, on an instance, a type and the system: http://hl7.org/fhir/R4/http.html#history"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tandem.clock import LONDON, from_micros, to_instant, to_micros
from tandem.database.connection import Row
from tandem.fhir.auditing import audit_reads, audit_refusal
from tandem.fhir.body import encode
from tandem.fhir.kernel import Kernel
from tandem.fhir.outcome import FhirError, Issue, Kind
from tandem.fhir.request import FhirRequest, FhirResponse
from tandem.fhir.search.paging import PAGE, sign, verify
from tandem.fhir.visibility import visible_resource
from tandem.identity.access import visible
from tandem.identity.agreement_terms import covered
from tandem.identity.caller import Caller
from tandem.identity.own_record import own_record

_METHODS = {"create": "POST", "update": "PUT", "delete": "DELETE"}
_STATUSES = {"create": "201", "update": "200", "delete": "204"}
_DEFAULT_COUNT, _MOST = 50, 1000


@dataclass(frozen=True, slots=True)
class _Asked:
    count: int
    since: int | None
    before: int | None


async def history(
    kernel: Kernel, request: FhirRequest, resource_type: str | None = None, resource_id: str | None = None
) -> FhirResponse:
    """A history Bundle, newest first, of versions of resources that the caller may see now.

    Raises FhirError 404 for an instance that is not there or not visible, 400 for an unknown parameter.
    """
    scope = f"{resource_type or ''}/{resource_id or ''}"
    asked = _asked(kernel, request, scope)
    now = to_micros(kernel.clock.now())
    async with kernel.database.read() as connection:
        seen = not (resource_type and resource_id) or (
            await visible_resource(kernel, connection, request, resource_type, resource_id) is not None
        )
        sql, params = _statement(kernel, request, resource_type, resource_id, asked, now)
        rows = await connection.fetch(sql, *params) if seen else []
    if not seen and resource_type and resource_id:
        await audit_refusal(kernel.database, request, "history-instance", resource_type, resource_id, now)
        raise FhirError(Kind.NOT_FOUND, f"There is no {resource_type} with this id that you may see")
    more, rows = len(rows) > asked.count, rows[: asked.count]
    level = "instance" if resource_id else "type" if resource_type else "system"
    patients = {row["patient"] for row in rows}
    await audit_reads(
        kernel.database, request, f"history-{level}", resource_type, patients, now, resource_id=resource_id
    )
    return FhirResponse(200, _bundle(kernel, request, scope, list(rows), more))


def _statement(
    kernel: Kernel, request: FhirRequest, resource_type: str | None, resource_id: str | None, asked: _Asked, now: int
) -> tuple[str, list[object]]:
    params: list[object] = []
    clauses = ["l.type IS NOT NULL"]

    def holds(sql: str, value: object) -> None:
        params.append(value)
        clauses.append(sql.replace("?", f"${len(params)}"))

    if resource_type:
        holds("l.type = ?", resource_type)
    if resource_id:
        holds("l.resource_id = ?", resource_id)
    if asked.since is not None:
        holds("l.at >= ?", asked.since)
    if asked.before is not None:
        holds("l.id < ?", asked.before)
    if not resource_type:
        types = [kind for kind in kernel.types if request.caller.may(kind, "r")]
        marks = []
        for kind in types:
            params.append(kind)
            marks.append(f"${len(params)}")
        clauses.append(f"l.type IN ({', '.join(marks)})" if marks else "1 = 0")
    registered_only = kernel.registered_only()
    seen = visible(request.caller, "r", params, now, resource_type=resource_type, registered_only=registered_only)
    clauses.append(f"({seen})")
    if not request.caller.sees_all:
        clauses.append(about_the_same(request.caller, params, now))
    params.append(asked.count + 1)
    sql = (
        "SELECT l.id, l.type, l.resource_id, l.version, l.at, l.kind, l.body, l.patient FROM log l"
        " JOIN resource r ON r.type = l.type AND r.id = l.resource_id"
        f" WHERE {' AND '.join(clauses)} ORDER BY l.id DESC LIMIT ${len(params)}"
    )
    return sql, params


def about_the_same(caller: Caller, params: list[Any], now: int) -> str:
    """A condition over a version `l` of the resource `r`: it is about the same person, or one the caller may see.

    A version may be about somebody else than the resource is now, when a wrong person was put right. Values are
    appended to `params`; `now` is the domain clock in microseconds.
    """
    params += [caller.organisation, now]
    organisation, moment = len(params) - 1, len(params)
    reason = covered("b.reason", caller, params, named=None, column="l.type")
    own = own_record(caller, "l.patient", params, f"${moment}", named=None, type_column="l.type")
    if own is not None:
        reason += f" AND {own}"
    return (
        "(l.patient IS NULL OR l.patient = r.patient OR EXISTS (SELECT 1 FROM access b WHERE b.patient = l.patient"
        f" AND b.organisation = ${organisation} AND b.starts <= ${moment} AND b.ends > ${moment} AND {reason}))"
    )


def _asked(kernel: Kernel, request: FhirRequest, scope: str) -> _Asked:
    count: int | None = _DEFAULT_COUNT
    since: int | None = None
    before: int | None = None
    issues = []
    for name, value in request.parameters():
        if name == "_count":
            count = _number(value)
        elif name == "_since":
            since = _instant(value)
        elif name == PAGE:
            place = verify(kernel.page_secret, value, f"history:{scope}", request.caller.organisation).place
            before, count, since = (int(part) if part is not None else None for part in place)
        elif name != "_format":
            issues.append(Issue(f"History takes _count and _since, not {name[:64]}"))
    if issues:
        raise FhirError(Kind.UNSUPPORTED_PARAMETER, issues=issues)
    return _Asked(count or _DEFAULT_COUNT, since, before)


def _number(value: str) -> int:
    if not (value.isascii() and value.isdigit()) or len(value) > 9 or int(value) == 0:
        raise FhirError(Kind.BAD_REQUEST, f"_count must be a whole number from 1 to {_MOST}", expression="_count")
    return min(int(value), _MOST)


def _instant(value: str) -> int:
    try:
        moment = datetime.fromisoformat(value.replace(" ", "+"))
    except ValueError:
        text = "_since must be an instant, e.g. 2020-07-01T09:00:00Z"
        raise FhirError(Kind.BAD_REQUEST, text, expression="_since") from None
    return to_micros(moment if moment.tzinfo else moment.replace(tzinfo=LONDON))


def _bundle(kernel: Kernel, request: FhirRequest, scope: str, rows: list[Row], more: bool) -> bytes:
    self_url = f"{kernel.base}/{request.path}" + (f"?{request.query}" if request.query else "")
    links = [{"relation": "self", "url": self_url}]
    if more and rows:
        asked = _asked(kernel, request, scope)
        token = sign(
            kernel.page_secret, f"history:{scope}", request.caller.organisation,
            (rows[-1]["id"], asked.count, asked.since), "next",
        )  # fmt: skip
        links.append({"relation": "next", "url": f"{kernel.base}/{request.path}?{PAGE}={token}"})
    head = encode({"resourceType": "Bundle", "type": "history", "link": links})
    entries = b",".join(_entry(kernel, row) for row in rows)
    return head[:-1] + (b',"entry":[' + entries + b"]}" if rows else b"}")


def _entry(kernel: Kernel, row: Row) -> bytes:
    name = f"{row['type']}/{row['resource_id']}"
    action = row["kind"].rsplit(".", 1)[-1]
    # What is created again after a deletion was put under the id it had.
    method = "PUT" if action == "create" and row["version"] > 1 else _METHODS[action]
    rest = {
        "request": {"method": method, "url": row["type"] if method == "POST" else name},
        "response": {
            "status": _STATUSES[action],
            "etag": f'W/"{row["version"]}"', "lastModified": to_instant(from_micros(row["at"])),
        },
    }  # fmt: skip
    head = encode({"fullUrl": f"{kernel.base}/{name}"})[:-1]
    resource = b',"resource":' + row["body"] if row["body"] is not None else b""
    return head + resource + b"," + encode(rest)[1:]
