"""FHIR batch interaction: http://hl7.org/fhir/R4/http.html#transaction. Each entry succeeds or fails by itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.bundle_entries import BundleEntry, bundle_entries
from tandem.fhir.outcome import FhirError, Kind, outcome_of
from tandem.fhir.request import FhirRequest, FhirResponse

Dispatch = Callable[[FhirRequest], Awaitable[FhirResponse]]


async def batch(dispatch: Dispatch, request: FhirRequest, bundle: Resource) -> FhirResponse:
    """A batch-response Bundle with one entry for each of the request's, in order.

    `dispatch` answers one request and never raises for a refused one.
    """
    answers = [await _answer(dispatch, request, entry) for entry in bundle_entries(bundle, request.base)]
    return FhirResponse(200, encode({"resourceType": "Bundle", "type": "batch-response", "entry": answers}))


async def _answer(dispatch: Dispatch, request: FhirRequest, entry: BundleEntry) -> dict[str, Any]:
    if entry.path == "":
        refused = FhirError(Kind.BAD_REQUEST, "A Bundle in a Bundle is not carried out", expression=f"Bundle.entry[{entry.number}]")
        return response_entry(FhirResponse(400, encode(outcome_of(refused))), None)
    return response_entry(await dispatch(entry_request(request, entry)), entry)


def entry_request(request: FhirRequest, entry: BundleEntry) -> FhirRequest:
    """The entry as a request of its own, in the name of the same caller."""
    headers = {"content-type": "application/fhir+json"}
    if "prefer" in request.headers:
        headers["prefer"] = request.headers["prefer"]
    for name, value in (("if-match", entry.if_match), ("if-none-match", entry.if_none_match), ("if-none-exist", entry.if_none_exist)):
        if value is not None:
            headers[name] = value
    body: Any = entry.resource
    if entry.method == "PATCH":
        body = patch_operations(entry)
        headers["content-type"] = "application/json-patch+json"
    return replace(
        request, method=entry.method, path=entry.path, query=entry.query, headers=headers,
        body=encode(body) if body is not None else b"",
    )  # fmt: skip


def patch_operations(entry: BundleEntry) -> Any:
    """A JSON Patch travels in a Bundle as a Binary (http://hl7.org/fhir/R4/http.html#patch). Raises FhirError 400."""
    import base64
    import binascii

    binary = entry.resource or {}
    if binary.get("resourceType") == "Binary" and isinstance(binary.get("data"), str):
        try:
            return decode(base64.b64decode(binary["data"], validate=True))
        except (binascii.Error, ValueError):
            pass
    raise FhirError(
        Kind.BAD_REQUEST, "A PATCH entry holds a Binary with a JSON Patch", expression=f"Bundle.entry[{entry.number}].resource"
    )


def response_entry(response: FhirResponse, entry: BundleEntry | None) -> dict[str, Any]:
    """The entry of a response Bundle."""
    shown: dict[str, Any] = {"status": str(response.status)}
    location = response.headers.get("Location") or response.headers.get("Content-Location")
    if location:
        shown["location"] = location
    if "ETag" in response.headers:
        shown["etag"] = response.headers["ETag"]
    answer: dict[str, Any] = {"response": shown}
    if response.status >= 400:
        shown["outcome"] = decode(response.body) if response.body else None
    elif response.body:
        answer = {"resource": decode(response.body), **answer}
    return answer
