"""The parameters `practice` and `network` of a worklist, as conditions on the people that it names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from tandem.fhir.organisation_parameter import code_parameter
from tandem.fhir.outcome import FhirError, Kind

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

AREA_PARAMETERS: Final = ("practice", "network")
"""ODS codes: only the people registered with this practice, or with the network's."""


def area_conditions(call: OperationCall, params: list[Any], now: int) -> list[str]:
    """The conditions on `m.patient` that `practice` or `network` of a call stand for; values go to `params`.

    `now` is in microseconds. Raises FhirError 400.
    """
    practice, network = (code_parameter(call, name) for name in AREA_PARAMETERS)
    if practice is not None and network is not None:
        raise FhirError(Kind.BAD_REQUEST, "Give practice or network, not both", expression="practice")
    registered = "EXISTS (SELECT 1 FROM patient p WHERE p.id = m.patient AND p.practice"
    if practice is not None:
        params.append(practice)
        return [f"{registered} = ${len(params)})"]
    if network is not None:
        params += (network, now)
        members = f"s.holder = ${len(params) - 1} AND s.starts <= ${len(params)} AND s.ends > ${len(params)}"
        return [f"{registered} IN (SELECT s.member FROM membership s WHERE {members}))"]
    return []
