"""FHIR capabilities interaction: http://hl7.org/fhir/R4/http.html#capabilities. All comes from the declarations."""

from __future__ import annotations

from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from tandem.fhir.body import Resource
from tandem.fhir.search.parameters import declared
from tandem.service import Operation, ResourceType, Service
from tandem.subscriptions.operations import OPERATIONS as SUBSCRIPTION_OPERATIONS

_INTERACTIONS = (
    "read",
    "vread",
    "update",
    "patch",
    "delete",
    "history-instance",
    "history-type",
    "create",
    "search-type",
)
_STARTED = datetime.now(UTC).replace(microsecond=0).isoformat()
OPERATION_BASE = "https://tandem.example/fhir/OperationDefinition"
_PERSON_OPERATIONS: tuple[dict[str, str], ...] = (
    {"name": "everything", "definition": "http://hl7.org/fhir/OperationDefinition/Patient-everything"},
    {
        "name": "timeline", "definition": f"{OPERATION_BASE}/timeline",
        "documentation": "What happened with a person, in the order of clinical dates, over all services.",
    },
)  # fmt: skip


def service_capabilities(service: Service, base: str, extra: tuple[Operation, ...] = ()) -> Resource:
    """The CapabilityStatement of one service."""
    return capabilities([service], base, extra)


def capabilities(services: list[Service], base: str, extra: tuple[Operation, ...] = ()) -> Resource:
    """The CapabilityStatement of several services behind one base URL."""
    resources = [
        _resource(declared_type, service) for service in services for declared_type in service.types
    ]  # fmt: skip
    operations = [op for service in services for op in service.operations if op.level == "system"] + list(extra)
    rest: dict[str, Any] = {
        "mode": "server",
        "security": {
            "cors": False,
            "service": [{"coding": [{
                "system": "http://terminology.hl7.org/CodeSystem/restful-security-service", "code": "SMART-on-FHIR",
            }]}],
            "description": "OAuth2 bearer tokens with SMART v2 system scopes; every request but this one needs one.",
        },
        "resource": sorted([*resources, *_kernel_resources()], key=lambda entry: str(entry["type"])),
        "interaction": [{"code": "batch"}, {"code": "transaction"}, {"code": "history-system"}],
    }  # fmt: skip
    if operations:
        rest["operation"] = [_operation(operation) for operation in operations]
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": _STARTED,
        "publisher": "Tandem",
        "kind": "instance",
        "software": {"name": "Tandem", "version": version("tandem")},
        "implementation": {"description": "Tandem, shared care for primary care networks", "url": base},
        "fhirVersion": "4.0.1",
        "format": ["application/fhir+json", "json"],
        "patchFormat": ["application/json-patch+json"],
        "rest": [rest],
    }


def _resource(declared_type: ResourceType, service: Service) -> dict[str, Any]:
    name = declared_type.name
    parameters = declared(name)
    entry: dict[str, Any] = {
        "type": name,
        "profile": f"http://hl7.org/fhir/StructureDefinition/{name}",
        "interaction": [{"code": code} for code in _INTERACTIONS],
        "versioning": "versioned-update" if declared_type.versioned_update else "versioned",
        "readHistory": True,
        "updateCreate": False,
        "conditionalCreate": True,
        "conditionalRead": "full-support",
        "conditionalUpdate": True,
        "conditionalDelete": "single",
        "referencePolicy": ["literal", "logical", "local"],
        "searchInclude": [f"{name}:{each.name}" for each in parameters if each.type == "reference"],
        "searchParam": [_parameter(each) for each in parameters],
    }
    operations = [op for op in service.operations if op.level != "system" and op.type == name]
    entry["operation"] = [
        {"name": "validate", "definition": "http://hl7.org/fhir/OperationDefinition/Resource-validate"},
        *(_PERSON_OPERATIONS if name == "Patient" else ()),
        *(_operation(operation) for operation in operations),
    ]
    return entry


def _parameter(each: Any) -> dict[str, Any]:
    shown = {"name": each.name, "type": each.type}
    if each.definition:
        shown["definition"] = each.definition
    return shown


def _operation(operation: Operation) -> dict[str, Any]:
    shown = {"name": operation.name, "definition": f"{OPERATION_BASE}/{operation.name}"}
    if operation.documentation:
        shown["documentation"] = operation.documentation
    return shown


def _kernel_resources() -> list[dict[str, Any]]:
    return [
        {
            "type": "AuditEvent",
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "documentation": "Written by the server: who read or wrote what, for an organisation's privacy officer.",
        },
        {
            "type": "Provenance",
            "interaction": [{"code": code} for code in _INTERACTIONS],
            "documentation": "Kept by the service that owns the first target.",
            "searchParam": [_parameter(each) for each in declared("Provenance")],
        },
        {
            "type": "Subscription",
            "interaction": [{"code": code} for code in _INTERACTIONS],
            "versioning": "versioned",
            "documentation": "By rest-hook; kept by the owner of the type in the criteria, for its maker alone."
            " The hosts of endpoints are registered by an operator.",
            "searchParam": [_parameter(each) for each in declared("Subscription")],
            "operation": [_operation(operation) for operation in SUBSCRIPTION_OPERATIONS],
        },
    ]
