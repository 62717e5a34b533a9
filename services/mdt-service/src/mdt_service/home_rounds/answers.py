"""What operations on home rounds ask and show alike."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mdt_service.home_rounds.round_rows import RoundRow, round_row
from mdt_service.home_rounds.round_team import organisations_of
from mdt_service.home_rounds.series_rows import SeriesRow, series_row
from tandem.database.connection import Connection
from tandem.fhir.asked_resource import asked_resource
from tandem.fhir.body import Resource
from tandem.fhir.outcome import FhirError, Kind

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def round_asked(
    call: OperationCall, connection: Connection, *, lock: bool = False
) -> tuple[Resource, RoundRow, SeriesRow]:  # fmt: skip
    """The round that an operation is called on, if the caller may see it. Raises FhirError 404, 422."""
    assert call.id is not None, "declared on the instance"
    round_, _ = await asked_resource(call, connection, lock=lock)
    row = await round_row(connection, call.id)
    series = await series_row(connection, row.schedule) if row is not None else None
    if row is None or series is None:
        text = "This is no home round: an Appointment of the kind home-round that belongs to a series"
        raise FhirError(Kind.UNPROCESSABLE, text, expression="Appointment.serviceType")
    return round_, row, series


async def series_asked(
    call: OperationCall, connection: Connection, *, lock: bool = False
) -> tuple[Resource, SeriesRow]:  # fmt: skip
    """The series that an operation is called on, if the caller may see it. Raises FhirError 404, 422."""
    assert call.id is not None, "declared on the instance"
    schedule, _ = await asked_resource(call, connection, lock=lock)
    series = await series_row(connection, call.id)
    if series is None:
        text = "This is no series of home rounds: a Schedule of that kind, with its home"
        raise FhirError(Kind.UNPROCESSABLE, text, expression="Schedule.serviceType")
    return schedule, series


def must_keep(call: OperationCall, series: SeriesRow) -> None:
    """Raises FhirError 403 for anybody but who keeps the series."""
    caller = call.request.caller
    if not caller.sees_all and caller.organisation != series.owner:
        raise FhirError(Kind.FORBIDDEN, "A series of home rounds is changed by the organisation that keeps it")


def must_take_part(call: OperationCall, row: RoundRow, series: SeriesRow) -> None:
    """Raises FhirError 403 for anybody but who keeps the series, and organisations of the round's staff."""
    caller = call.request.caller
    if not caller.sees_all and caller.organisation not in {series.owner} | organisations_of(row.team):
        raise FhirError(Kind.FORBIDDEN, "A round is recorded by an organisation whose staff takes part in it")
