"""`Organization/{id}/$cancer-target`: the target for early diagnosis that a network works to (ECD-069)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from cohort_service.domain.networks.cancer_target import resolve_target
from cohort_service.domain.networks.codes import CANCER_ALLIANCE, PLACE
from cohort_service.networks.cancer_target_event import say_recorded
from cohort_service.networks.cancer_target_rows import holders_above, record_targets, target_of
from cohort_service.networks.organisations import organisation_with_id, reference_of
from cohort_service.networks.rights import must_record
from tandem.fhir.operation_parameters import day_number_or_today, today_number
from tandem.fhir.operation_work import work_of
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.parameter_rows import refuse_faults, rows_asked
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import FhirResponse
from tandem.identity.organisations import NETWORK

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

_YEAR = re.compile(r"20\d\d(/\d\d)?")


async def cancer_target(call: OperationCall) -> FhirResponse:
    """GET on a network names its places and Cancer Alliances and the target that follows, as of `date`.

    POST to a Cancer Alliance or a place records `target` parameters: `percent`, `by` (2028 or 2023/24) and `from`
    (date). Raises FhirError 400, 403, 404, 422.
    """
    return await (_record(call) if call.request.method == "POST" else _read(call))


async def _read(call: OperationCall) -> FhirResponse:
    day = day_number_or_today(call)
    async with call.kernel.database.read() as connection:
        network = await organisation_with_id(connection, call.id)
        if network.kind != NETWORK:
            raise FhirError(Kind.UNPROCESSABLE, "A target is resolved for a network")
        alliances = await holders_above(connection, CANCER_ALLIANCE, network.code, day)
        places = await holders_above(connection, PLACE, network.code, day)
        held = {code: target for code in (*alliances, *places)
                if (target := await target_of(connection, code, day)) is not None}  # fmt: skip
        setter, target = resolve_target(alliances, places, held)
        shown: list[dict[str, Any]] = [
            {"name": role, "valueReference": await reference_of(connection, each)}
            for role, holders in ((CANCER_ALLIANCE, alliances), (PLACE, places))
            for each in holders
        ]
        part: list[dict[str, Any]] = [
            {"name": "percent", "valueDecimal": target.percent},
            {"name": "by", "valueString": target.by},
            {"name": "source", "valueString": target.source},
        ]
        if setter is not None:
            part.append({"name": "set-by", "valueReference": await reference_of(connection, setter)})
    return answer([*shown, {"name": "target", "part": part}])


async def _record(call: OperationCall) -> FhirResponse:
    rows, today, targets = rows_asked(call, "target"), today_number(call), []
    async with call.kernel.database.transaction() as connection:
        about = await organisation_with_id(connection, call.id)
        await must_record(call, connection, about, today)
        for row in rows:
            percent, by, first = row.number("percent", most=100), row.text("by"), row.day("from")
            if by is not None and _YEAR.fullmatch(by) is None:
                row.fault("by", "by is a year such as 2028 or 2023/24")
            targets.append((first, percent, by))
        refuse_faults(rows)
        await record_targets(connection, about.code, targets, call.request.caller.organisation)
        work = work_of(call, connection, call.kernel.clock.now())
        await say_recorded(work, about.code, targets, call.kernel.ids)
    return answer([{"name": "recorded", "valueInteger": len(rows)}])
