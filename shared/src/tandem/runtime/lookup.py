"""Asking cohort-service for a patient this service has not heard of yet."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from tandem.fhir.body import decode
from tandem.fhir.compartments import PatientName
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.patients import Registration
from tandem.fhir.request import FhirRequest
from tandem.gateway.backends import Backend
from tandem.identity.caller import service_caller
from tandem.ids import IdSource


class BackendLookup:
    """Looks a patient up once, through cohort-service's `$registration`."""

    def __init__(
        self, backends: Mapping[str, Backend], service: str, ids: IdSource, token: Callable[[], str] = lambda: ""
    ) -> None:
        self._backends = backends
        self._service = service
        self._ids = ids
        self._token = token

    async def find(self, named: PatientName) -> Registration | None:
        """See PatientLookup."""
        asked = {"id": named.id} if named.id is not None else {"nhs-number": named.nhs_number}
        caller = service_caller(self._service)
        headers = {"authorization": f"Bearer {self._token()}"}
        request = FhirRequest(
            "GET", "$registration", urlencode(asked), headers, b"", "", self._ids.new(), self._ids.new(), caller
        )
        response = await self._backends["cohort-service"].send(request)
        if response.status == 404:
            return None
        if response.status != 200:
            raise FhirError(
                Kind.UNAVAILABLE, "The patient is not known here yet and cohort-service cannot be asked just now",
                headers={"Retry-After": "2"},
            )  # fmt: skip
        found = decode(response.body)
        return Registration(found["resource"], found["practice"])
