"""Asking cohort-service for a patient this service has not heard of yet."""

from __future__ import annotations

from collections.abc import Mapping
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

    def __init__(self, backends: Mapping[str, Backend], service: str, ids: IdSource) -> None:
        self._backends = backends
        self._service = service
        self._ids = ids

    async def find(self, named: PatientName) -> Registration | None:
        """See PatientLookup."""
        asked = {"id": named.id} if named.id is not None else {"nhs-number": named.nhs_number}
        caller = service_caller(self._service)
        request = FhirRequest(
            "GET", "$registration", urlencode(asked), {}, b"", "", self._ids.new(), self._ids.new(), caller
        )
        try:
            response = await self._backends["cohort-service"].send(request)
        except FhirError as error:
            raise _unanswered() from error
        if response.status == 404:
            return None
        if response.status != 200:
            raise _unanswered()
        found = decode(response.body)
        return Registration(found["resource"], found["practice"])


def _unanswered() -> FhirError:
    text = "The patient is not known here yet and cohort-service cannot be asked just now"
    return FhirError(Kind.UNAVAILABLE, text, headers={"Retry-After": "2"})
