"""Asking cohort-service for an organisation this service has not heard of yet."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from tandem.canonical import ODS_CODE
from tandem.fhir.body import decode
from tandem.fhir.neighbours import Neighbour
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest
from tandem.identity.caller import service_caller
from tandem.identity.references import PREFIX
from tandem.ids import IdSource

_OWNER: Final = "cohort-service"
_SPECIAL: Final = re.compile(r"([\\,|$])")


class NeighbourOrganisations:
    """Looks an organisation up by a search at cohort-service, in the name of this service."""

    def __init__(self, neighbours: Mapping[str, Neighbour], service: str, ids: IdSource) -> None:
        self._neighbours = neighbours
        self._service = service
        self._ids = ids

    async def holds(self, named: str) -> bool:
        """See OrganisationLookup."""
        neighbour = self._neighbours.get(_OWNER)
        if neighbour is None:
            raise _unanswered()
        request = FhirRequest(
            "GET", "Organization", f"{urlencode(_criteria(named))}&_summary=count", {}, b"", "", self._ids.new(),
            self._ids.new(), service_caller(self._service),
        )  # fmt: skip
        try:
            response = await neighbour.send(request)
        except FhirError as error:
            raise _unanswered() from error
        if response.status != 200:
            raise _unanswered()
        return bool(decode(response.body).get("total"))


def _criteria(named: str) -> dict[str, str]:
    if named.startswith(PREFIX):
        return {"_id": named.removeprefix(PREFIX)}
    system, separator, value = named.rpartition("|")
    systems = [system] if separator else [ODS_CODE, ODS_CODE.replace("organization", "organisation")]
    return {"identifier": ",".join(f"{_escaped(each)}|{_escaped(value)}" for each in systems)}


def _escaped(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", text)


def _unanswered() -> FhirError:
    text = "The organisation is not known here yet and cohort-service cannot be asked just now"
    return FhirError(Kind.UNAVAILABLE, text, headers={"Retry-After": "2"})
