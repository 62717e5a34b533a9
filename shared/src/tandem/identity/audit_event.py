"""An audit row as a FHIR AuditEvent (http://hl7.org/fhir/R4/auditevent.html), made when it is read."""

from __future__ import annotations

from typing import Any, Final

from tandem.canonical import ODS_CODE
from tandem.clock import from_micros, to_instant
from tandem.database.connection import Row
from tandem.fhir.body import Resource

_INTERACTIONS: Final = "http://hl7.org/fhir/restful-interaction"
_ENTITY_TYPES: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_ENTITY_ROLES: Final = "http://terminology.hl7.org/CodeSystem/object-role"
_PURPOSES: Final = "http://terminology.hl7.org/CodeSystem/v3-ActReason"
_SDS_ROLES: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-SDSJobRoleName"
_REQUEST: Final = {"system": "https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType", "code": "XrequestId"}

_ACTIONS: Final = {
    "create": "C", "read": "R", "vread": "R", "history-instance": "R", "history-type": "R", "history-system": "R",
    "update": "U", "patch": "U", "delete": "D", "search-type": "E", "search-system": "E", "batch": "E",
    "transaction": "E", "operation": "E", "capabilities": "E",
}  # fmt: skip


def audit_event_id(service: str, row_id: int) -> str:
    """The id of an AuditEvent: it names the service that keeps it, so that ids of different services never meet."""
    return f"{service}-{row_id}"


def row_id_of(service: str, audit_event: str) -> int | None:
    """The row behind the id of an AuditEvent of this service; None when it is not one."""
    number = audit_event.removeprefix(f"{service}-")
    is_ours = audit_event.startswith(f"{service}-") and number.isascii() and number.isdigit() and len(number) < 19
    return int(number) if is_ours else None


def action_letter(action: str) -> str:
    """C, R, U, D or E (http://hl7.org/fhir/R4/valueset-audit-event-action.html) of an interaction or `$operation`."""
    return _ACTIONS.get(action, "E")


def audit_event(row: Row, service: str) -> Resource:
    """The AuditEvent of a row of table `audit`, kept by `service`."""
    moment = to_instant(from_micros(row["at"]))
    event: Resource = {
        "resourceType": "AuditEvent",
        "id": audit_event_id(service, row["id"]),
        "meta": {"versionId": "1", "lastUpdated": moment},
        "type": {
            "system": "http://terminology.hl7.org/CodeSystem/audit-event-type",
            "code": "rest",
            "display": "RESTful Operation",
        },
        "subtype": [_subtype(row["action"])],
        "action": action_letter(row["action"]),
        "recorded": moment,
        "outcome": _outcome(row["status"]),
        "outcomeDesc": f"HTTP status {row['status']}",
    }
    if row["purpose"]:
        event["purposeOfEvent"] = [{"coding": [{"system": _PURPOSES, "code": row["purpose"]}]}]
    event["agent"] = _agents(row)
    event["source"] = {"site": "Tandem", "observer": {"display": service}}
    entities = _entities(row)
    if entities:
        event["entity"] = entities
    return event


def _subtype(action: str) -> dict[str, Any]:
    if action.startswith("$"):
        return {"system": _INTERACTIONS, "code": "operation", "display": action}
    return {"system": _INTERACTIONS, "code": action}


def _outcome(status: int) -> str:
    # http://hl7.org/fhir/R4/valueset-audit-event-outcome.html: success, minor failure, serious failure.
    if status < 400:
        return "0"
    return "4" if status < 500 else "8"


def organisation_reference(code: str) -> dict[str, Any]:
    """A Reference to an organisation by its code."""
    system, separator, value = code.rpartition("|")
    identifier = {"system": system, "value": value} if separator else {"system": ODS_CODE, "value": code}
    return {"type": "Organization", "identifier": identifier}


def _agents(row: Row) -> list[dict[str, Any]]:
    agents: list[dict[str, Any]] = []
    if row["fhir_user"]:
        user: dict[str, Any] = {"who": {"reference": row["fhir_user"]}, "requestor": True}
        if row["role"]:
            user["role"] = [{"coding": [{"system": _SDS_ROLES, "code": row["role"]}]}]
        if row["purpose"]:
            user["purposeOfUse"] = [{"coding": [{"system": _PURPOSES, "code": row["purpose"]}]}]
        agents.append(user)
    organisation = {"who": organisation_reference(row["organisation"]), "requestor": not agents}
    if row["client"]:
        organisation["altId"] = row["client"]
    return [*agents, organisation]


def _entities(row: Row) -> list[dict[str, Any]]:
    entities: list[dict[str, Any]] = []
    if row["patient"]:
        entities.append({
            "what": {"reference": f"Patient/{row['patient']}"},
            "type": {"system": _ENTITY_TYPES, "code": "1", "display": "Person"},
            "role": {"system": _ENTITY_ROLES, "code": "1", "display": "Patient"},
        })  # fmt: skip
    if row["type"]:
        named = {"reference": f"{row['type']}/{row['resource_id']}"} if row["resource_id"] else {"type": row["type"]}
        if not row["resource_id"]:
            named["display"] = row["type"]
        entities.append({
            "what": named,
            "type": {"system": _ENTITY_TYPES, "code": "2", "display": "System Object"},
            "role": {"system": _ENTITY_ROLES, "code": "4", "display": "Domain Resource"},
        })  # fmt: skip
    if row["request_id"]:
        entities.append({"what": {"identifier": {"value": row["request_id"]}}, "type": dict(_REQUEST)})
    return entities
