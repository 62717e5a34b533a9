"""FHIR batch interaction: http://hl7.org/fhir/R4/http.html#transaction. Each entry succeeds or fails by itself."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import msgspec

from tandem.fhir.body import Resource, decode, encode
from tandem.fhir.bundle_entries import BundleEntry, bundle_entries
from tandem.fhir.faults import fault_response
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import JSON, FhirRequest, FhirResponse, check_json_wanted

_OUTCOME = b"OperationOutcome"
Dispatch = Callable[[FhirRequest], Awaitable[FhirResponse]]
"""Answers one request."""


async def batch(dispatch: Dispatch, request: FhirRequest, bundle: Resource) -> FhirResponse:
    """A batch-response Bundle with one entry for each of the request's, in order."""
    answers = [await answer_entry(dispatch, request, entry) for entry in bundle_entries(bundle, request.base)]
    return FhirResponse(200, encode({"resourceType": "Bundle", "type": "batch-response", "entry": answers}))


async def answer_entry(dispatch: Dispatch, request: FhirRequest, entry: BundleEntry) -> dict[str, Any]:
    """The entry's own answer; whatever happens to it is told there, for its neighbours may be stored already."""
    try:
        if entry.path == "":
            text = "A Bundle in a Bundle is not carried out"
            raise FhirError(Kind.BAD_REQUEST, text, expression=f"Bundle.entry[{entry.number}].request.url")
        asked = entry_request(request, entry)
        check_json_wanted(asked)
        return response_entry(await dispatch(asked))
    except Exception as error:
        return response_entry(fault_response(request, error))


def entry_request(request: FhirRequest, entry: BundleEntry) -> FhirRequest:
    """The entry as a request of the same caller. Raises FhirError 400 for a PATCH entry that holds no patch."""
    headers = {"content-type": "application/fhir+json"}
    if "prefer" in request.headers:
        headers["prefer"] = request.headers["prefer"]
    for name, value in (
        ("if-match", entry.if_match),
        ("if-none-match", entry.if_none_match),
        ("if-none-exist", entry.if_none_exist),
    ):
        if value is not None:
            headers[name] = value
    body = b""
    if entry.method == "PATCH":
        body = patch_body(entry)
        headers["content-type"] = "application/json-patch+json"
    elif entry.resource is not None:
        body = encode(entry.resource)
    return replace(request, method=entry.method, path=entry.path, query=entry.query, headers=headers, body=body)


def patch_body(entry: BundleEntry) -> bytes:
    """A JSON Patch travels in a Bundle as a Binary (http://hl7.org/fhir/R4/http.html#patch). Raises FhirError 400."""
    binary = entry.resource or {}
    if binary.get("resourceType") == "Binary" and isinstance(binary.get("data"), str):
        try:
            return base64.b64decode(binary["data"], validate=True)
        except (binascii.Error, ValueError):
            pass
    raise FhirError(
        Kind.BAD_REQUEST,
        "A PATCH entry holds a Binary with a JSON Patch",
        expression=f"Bundle.entry[{entry.number}].resource",
    )


def response_entry(response: FhirResponse) -> dict[str, Any]:
    """The entry of a response Bundle; a large resource stands in it as the bytes that it is already."""
    shown: dict[str, Any] = {"status": str(response.status)}
    location = response.headers.get("Location") or response.headers.get("Content-Location")
    if location:
        shown["location"] = location
    if "ETag" in response.headers:
        shown["etag"] = response.headers["ETag"]
    answer: dict[str, Any] = {"response": shown}
    if not response.body:
        return answer
    if response.status < 400 and response.content_type == JSON and _OUTCOME not in response.body:
        return {"resource": msgspec.Raw(response.body), **answer}
    body = decode(response.body)
    if response.status >= 400 or body.get("resourceType") == "OperationOutcome":
        shown["outcome"] = body
        return answer
    return {"resource": body, **answer}
