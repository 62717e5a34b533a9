"""From method and path to an interaction: the table of http://hl7.org/fhir/R4/http.html#summary."""

from __future__ import annotations

from tandem.fhir.batch import batch
from tandem.fhir.body import encode
from tandem.fhir.capabilities import service_capabilities
from tandem.fhir.content import parsed_body
from tandem.fhir.create import create
from tandem.fhir.delete import delete, delete_if_matches
from tandem.fhir.history import history
from tandem.fhir.kernel import Kernel, check_scope
from tandem.fhir.logical_id import is_logical_id
from tandem.fhir.operation import call_operation
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.patch import patch
from tandem.fhir.read import read
from tandem.fhir.request import FhirRequest, FhirResponse, refusal
from tandem.fhir.search_audit import read_audit, search_audit
from tandem.fhir.search_type import search_type
from tandem.fhir.transaction import transaction
from tandem.fhir.update import update, update_if_matches
from tandem.fhir.validate import validate
from tandem.fhir.vread import vread
from tandem.subscriptions.declaration import SUBSCRIPTION
from tandem.subscriptions.operations import give_secret


class Routes:
    """Carries out the interactions of one service."""

    def __init__(self, kernel: Kernel) -> None:
        self._kernel = kernel

    async def answer(self, request: FhirRequest) -> FhirResponse:
        """The answer to a request of a verified caller; a refusal is an answer too."""
        try:
            return await self.carry_out(request)
        except FhirError as error:
            return refusal(error)

    async def carry_out(self, request: FhirRequest) -> FhirResponse:
        """The answer, or FhirError."""
        segments = [segment for segment in request.path.split("/") if segment]
        if not segments:
            return await self._bundle(request)
        if segments[-1].startswith("$") and segments[-1] != "$validate":
            return await call_operation(self._kernel, request, segments)
        match segments:
            case ["metadata"]:
                _allow(request, "GET", "HEAD")
                return FhirResponse(200, encode(service_capabilities(self._kernel.service, self._kernel.base)))
            case ["_history"]:
                _allow(request, "GET", "HEAD")
                return await history(self._kernel, request)
        self._kernel.check_type(segments[0])
        if segments[0] == "AuditEvent":
            return await self._audit(request, segments)
        response = await self._resource(request, segments)
        if segments[0] == SUBSCRIPTION and response.status == 201:
            return await give_secret(self._kernel, request, response)
        return response

    async def _bundle(self, request: FhirRequest) -> FhirResponse:
        _allow(request, "POST")
        bundle = await parsed_body(request)
        if bundle["resourceType"] != "Bundle":
            raise FhirError(Kind.BAD_REQUEST, "POST to the base takes a Bundle", expression="resourceType")
        match bundle.get("type"):
            case "batch":
                return await batch(self.answer, request, bundle)
            case "transaction":
                return await transaction(self._kernel, self.answer, request, bundle)
        raise FhirError(Kind.BAD_REQUEST, "Bundle.type must be batch or transaction", expression="Bundle.type")

    async def _audit(self, request: FhirRequest, segments: list[str]) -> FhirResponse:
        match segments[1:]:
            case []:
                _permit(request, "AuditEvent", GET="s")
            case ["_search"]:
                _permit(request, "AuditEvent", POST="s")
            case [event_id]:
                _permit(request, "AuditEvent", GET="r")
                return await read_audit(self._kernel, request, event_id)
            case _:
                raise FhirError(Kind.NOT_FOUND, "AuditEvent offers read and search only")
        return await search_audit(self._kernel, request)

    async def _resource(self, request: FhirRequest, segments: list[str]) -> FhirResponse:
        kernel, kind = self._kernel, segments[0]
        if len(segments) > 1 and segments[1][0] not in "_$" and not is_logical_id(segments[1]):
            raise FhirError(Kind.NOT_FOUND, f"There is no {kind} with this id that you may see")
        match segments[1:]:
            case []:
                return await self._type(request, kind)
            case ["_search"]:
                _permit(request, kind, POST="s")
                return await search_type(kernel, request, kind)
            case ["_history"]:
                _permit(request, kind, GET="r")
                return await history(kernel, request, kind)
            case ["$validate"] | [_, "$validate"]:
                _permit(request, kind, POST="c")
                return await validate(kernel, request, kind)
            case [resource_id]:
                return await self._instance(request, kind, resource_id)
            case [resource_id, "_history"]:
                _permit(request, kind, GET="r")
                return await history(kernel, request, kind, resource_id)
            case [resource_id, "_history", number]:
                _permit(request, kind, GET="r")
                return await vread(kernel, request, kind, resource_id, number)
        raise FhirError(Kind.NOT_FOUND, "There is nothing at this address")

    async def _type(self, request: FhirRequest, kind: str) -> FhirResponse:
        kernel = self._kernel
        _permit(request, kind, GET="s", POST="c", PUT="u", DELETE="d")
        if request.method in ("GET", "HEAD"):
            return await search_type(kernel, request, kind)
        if request.method == "POST":
            return await create(kernel, request, kind)
        pairs = request.parameters()
        if not pairs:
            raise FhirError(
                Kind.METHOD_NOT_ALLOWED,
                f"{request.method} needs an id or search criteria",
                headers={"Allow": "GET, HEAD, POST"},
            )
        if request.method == "PUT":
            return await update_if_matches(kernel, request, kind, pairs)
        return await delete_if_matches(kernel, request, kind, pairs)

    async def _instance(self, request: FhirRequest, kind: str, resource_id: str) -> FhirResponse:
        kernel = self._kernel
        _permit(request, kind, GET="r", PUT="u", PATCH="u", DELETE="d")
        match request.method:
            case "PUT":
                return await update(kernel, request, kind, resource_id)
            case "PATCH":
                return await patch(kernel, request, kind, resource_id)
            case "DELETE":
                return await delete(kernel, request, kind, resource_id)
        return await read(kernel, request, kind, resource_id)


def _allow(request: FhirRequest, *methods: str) -> None:
    if request.method not in methods:
        allowed = ", ".join(dict.fromkeys(methods))
        raise FhirError(Kind.METHOD_NOT_ALLOWED, f"This address takes {allowed}", headers={"Allow": allowed})


def _permit(request: FhirRequest, kind: str, **letters: str) -> None:
    """The method must be one of those named, and the scopes must allow its letter. HEAD goes wherever GET does."""
    if "GET" in letters:
        letters["HEAD"] = letters["GET"]
    _allow(request, *letters)
    check_scope(request.caller, kind, letters[request.method])
