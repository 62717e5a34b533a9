"""The root of the one FHIR base URL: what has one owner goes to it, what has none is answered here.

http://hl7.org/fhir/R4/http.html
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence

from tandem.fhir.batch import batch
from tandem.fhir.body import encode
from tandem.fhir.bundle_entries import bundle_entries
from tandem.fhir.capabilities import capabilities
from tandem.fhir.content import parsed_body
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.ownership import KERNEL_TYPES
from tandem.fhir.request import FhirRequest, FhirResponse, check_json_wanted, refusal
from tandem.fhir.timeline import PERSON_OPERATIONS
from tandem.gateway.backends import Backend, Backends
from tandem.gateway.caught_up import caught_up
from tandem.gateway.fan_out import merged_history
from tandem.gateway.kernel_types import KernelTypes
from tandem.gateway.owners import owner_of, owner_of_transaction
from tandem.gateway.service import GATEWAY, OPERATIONS
from tandem.gateway.status import ReadState, status
from tandem.gateway.timeline import merged_timeline
from tandem.identity.own_record import refuse_people
from tandem.identity.rotated_secret import Secret
from tandem.service import Service

OwnOperation = Callable[[FhirRequest], Awaitable[FhirResponse]]
_LOG_OPERATIONS = ("$events", "$event-heads")


class GatewayRoutes:
    """Carries out requests at the base URL.

    `services` are the declarations that `/metadata` is made of, `backends` how each is reached, `ingest`, `job` and
    `state` what is the gateway's own. `page_secret` signs the links of merged pages.
    """

    def __init__(
        self, services: Sequence[Service], backends: Mapping[str, Backend], base: str, page_secret: Secret, *,
        ingest: OwnOperation, job: OwnOperation, state: ReadState,
    ) -> None:  # fmt: skip
        self._services = list(services)
        self._backends = Backends(backends)
        self._base = base
        self._secret = page_secret
        self._kernel_types = KernelTypes(self._backends, page_secret)
        self._ingest = ingest
        self._job = job
        self._state = state

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
        if len(segments) == 1 and segments[0].startswith("$"):
            return await self._system_operation(request, segments[0])
        match segments:
            case ["metadata"]:
                _allow(request, "GET", "HEAD")
                return FhirResponse(200, encode(capabilities(self._services, self._base, OPERATIONS)))
            case ["_history"]:
                _allow(request, "GET")
                return await merged_history(self._backends, self._secret, request)
            case ["Patient", patient, name] if name in PERSON_OPERATIONS:
                check_json_wanted(request)
                return await merged_timeline(self._backends, self._secret, request, patient)
        if segments[0] in KERNEL_TYPES:
            return await self._kernel_types.answer(request, segments)
        return await self._backends.send(owner_of(segments[0]), request)

    async def _bundle(self, request: FhirRequest) -> FhirResponse:
        _allow(request, "POST")
        bundle = await parsed_body(request)
        if bundle["resourceType"] != "Bundle":
            raise FhirError(Kind.BAD_REQUEST, "POST to the base takes a Bundle", expression="resourceType")
        match bundle.get("type"):
            case "batch":
                return await batch(self.answer, request, bundle)
            case "transaction":
                owner = owner_of_transaction(bundle_entries(bundle, request.base), request.base)
                return await self._backends.send(owner or self._backends.names[0], request)
        raise FhirError(Kind.BAD_REQUEST, "Bundle.type must be batch or transaction", expression="Bundle.type")

    async def _system_operation(self, request: FhirRequest, name: str) -> FhirResponse:
        check_json_wanted(request)
        refuse_people(request.caller)
        if name == "$ingest":
            _allow(request, "POST")
            return await self._ingest(request)
        if name == "$caught-up":
            _allow(request, "GET")
            return await caught_up(self._backends, request)
        if name == "$status":
            _allow(request, "GET")
            return await status(self._backends, self._state, request)
        if name == "$job":
            return await self._job_of(request)
        if name in _LOG_OPERATIONS:
            return await self._log(request)
        if name == "$registration":
            return await self._backends.send(owner_of("Patient"), request)
        for service in self._services:
            if any(operation.level == "system" and f"${operation.name}" == name for operation in service.operations):
                return await self._backends.send(service.name, request)
        raise FhirError(Kind.NOT_FOUND, f"There is no operation {name[:64]} at this address")

    async def _job_of(self, request: FhirRequest) -> FhirResponse:
        job_id = next((value for name, value in request.parameters() if name == "id"), "")
        service = job_id.partition(".")[0]
        if service == GATEWAY:
            return await self._job(request)
        if service not in self._backends.names:
            raise FhirError(Kind.NOT_FOUND, "There is no such job that you may see")
        return await self._backends.send(service, request)

    async def _log(self, request: FhirRequest) -> FhirResponse:
        named = [value for name, value in request.parameters() if name == "service"]
        if request.caller.service is None or len(named) != 1 or named[0] not in self._backends.names:
            raise FhirError(Kind.FORBIDDEN, "The event log is for Tandem's own services, one service at a time")
        return await self._backends.send(named[0], request)


def _allow(request: FhirRequest, *methods: str) -> None:
    if request.method not in methods:
        allowed = ", ".join(methods)
        raise FhirError(Kind.METHOD_NOT_ALLOWED, f"This address takes {allowed}", headers={"Allow": allowed})
