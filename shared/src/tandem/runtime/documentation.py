"""The documentation page and the OpenAPI document: both made from the CapabilityStatement, so they cannot disagree."""

from __future__ import annotations

from html import escape
from typing import Any

from tandem.fhir.body import Resource

_STYLE = """body{font:16px/1.5 system-ui,sans-serif;margin:2rem auto;max-width:70rem;padding:0 1rem;color:#212b32}
h1{font-size:1.8rem}h2{border-top:1px solid #d8dde0;padding-top:1rem;font-size:1.3rem}
code{background:#f0f4f5;padding:0 .2rem}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;border-bottom:1px solid #d8dde0;padding:.3rem;vertical-align:top}"""
_METHODS = {
    "read": ("get", "/{id}"), "vread": ("get", "/{id}/_history/{version}"), "update": ("put", "/{id}"),
    "patch": ("patch", "/{id}"), "delete": ("delete", "/{id}"), "history-instance": ("get", "/{id}/_history"),
    "history-type": ("get", "/_history"), "create": ("post", ""), "search-type": ("get", ""),
}  # fmt: skip


def documentation_page(title: str, statement: Resource) -> str:
    """One HTML page that asks nothing of any other host."""
    rest = statement["rest"][0]
    parts = [
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{escape(title)}</title>",
        f"<meta name='viewport' content='width=device-width'><style>{_STYLE}</style></head><body><main>",
        f"<h1>{escape(title)}</h1><p>FHIR R4 ({escape(statement['fhirVersion'])}), JSON only, at",
        f" <code>{escape(statement['implementation']['url'])}</code>. {escape(rest['security']['description'])}</p>",
        "<p><a href='/fhir/metadata'>CapabilityStatement</a> · <a href='/openapi.json'>OpenAPI</a></p>",
    ]
    if rest.get("operation"):
        parts.append("<h2>Operations on the whole system</h2><ul>")
        parts += [
            f"<li><code>${escape(each['name'])}</code> {escape(each.get('documentation', ''))}</li>"
            for each in rest["operation"]
        ]
        parts.append("</ul>")
    parts += [_resource_section(resource) for resource in rest["resource"]]
    return "".join([*parts, "</main></body></html>"])


def _resource_section(resource: dict[str, Any]) -> str:
    interactions = ", ".join(each["code"] for each in resource["interaction"])
    parts = [f"<h2 id='{resource['type']}'>{resource['type']}</h2><p>{escape(interactions)}</p>"]
    if resource.get("documentation"):
        parts.append(f"<p>{escape(resource['documentation'])}</p>")
    for operation in resource.get("operation", []):
        parts.append(f"<p><code>${escape(operation['name'])}</code> {escape(operation.get('documentation', ''))}</p>")
    if resource.get("searchParam"):
        parts.append(
            "<table><thead><tr><th scope='col'>Search parameter</th><th scope='col'>Type</th></tr></thead><tbody>"
        )
        parts += [
            f"<tr><td><code>{escape(each['name'])}</code></td><td>{each['type']}</td></tr>"
            for each in resource["searchParam"]
        ]
        parts.append("</tbody></table>")
    return "".join(parts)


def openapi_document(title: str, statement: Resource) -> dict[str, Any]:
    """OpenAPI 3.1 of every interaction that the CapabilityStatement declares."""
    paths: dict[str, dict[str, Any]] = {"/fhir/metadata": {"get": _operation("capabilities", [], secured=False)}}
    for resource in statement["rest"][0]["resource"]:
        for interaction in resource["interaction"]:
            method, suffix = _METHODS[interaction["code"]]
            path = f"/fhir/{resource['type']}{suffix}"
            parameters = _search_parameters(resource) if interaction["code"] == "search-type" else []
            name = f"{interaction['code']}-{resource['type']}"
            paths.setdefault(path, {})[method] = _operation(
                name, _path_parameters(suffix) + parameters, body=method in ("post", "put", "patch")
            )
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": statement["software"]["version"]},
        "paths": paths,
        "components": {"securitySchemes": {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}},
    }


def _path_parameters(suffix: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in ("id", "version") if "{" + name + "}" in suffix
    ]  # fmt: skip


def _search_parameters(resource: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"name": each["name"], "in": "query", "schema": {"type": "string"}} for each in resource.get("searchParam", [])
    ]


def _operation(
    name: str, parameters: list[dict[str, Any]], *, body: bool = False, secured: bool = True
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": name,
        "parameters": parameters,
        "responses": {
            "2XX": {"description": "The resource, a Bundle or nothing", "content": {"application/fhir+json": {}}},
            "default": {"description": "An OperationOutcome", "content": {"application/fhir+json": {}}},
        },
    }
    if body:
        operation["requestBody"] = {
            "required": True,
            "content": {"application/fhir+json": {"schema": {"type": "object"}}},
        }
    if secured:
        operation["security"] = [{"bearer": []}]
    return operation
