"""What a page is asked for, and by whom: the organisation or one care home of it, the day, and whether every number may
be seen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode

from starlette.requests import Request

from metrics_service.asked_organisations import organisation_asked, organisation_named
from metrics_service.dashboard.kept_figures import Kept, Wanted, kept_of
from metrics_service.domain.who_may_ask import MEASURED_KINDS
from metrics_service.measures.area import Area, area_of
from metrics_service.measures.homes import Home, homes_of
from metrics_service.measures.narrowed import NOT_NARROWED, Narrowed
from tandem.clock import LONDON, to_micros
from tandem.database.connection import Connection
from tandem.fhir.kernel import Kernel
from tandem.fhir.operation import OperationCall
from tandem.fhir.outcome import FhirError, Kind
from tandem.fhir.request import FhirRequest
from tandem.identity.caller import Caller
from tandem.identity.organisations import COMMISSIONER
from tandem.identity.scopes import require_scope
from tandem.london_days import london_date


@dataclass(frozen=True, slots=True)
class Asked:
    """The call in whose name everything is read; whose figures; the day they are up to; counted anew or not.

    With `home`, the area is narrowed to it.
    """

    call: OperationCall
    area: Area
    exact: bool
    day: date
    today: date
    fresh: bool
    home: Home | None = None

    @property
    def kernel(self) -> Kernel:
        """The service at work."""
        return self.call.kernel

    @property
    def query(self) -> str:
        """What a link to a page of the same organisation, home and day carries; empty for the caller's own today."""
        pairs = {}
        if self.area.code != self.call.request.caller.organisation:
            pairs["organisation"] = self.area.code
        if self.home is not None:
            pairs["home"] = self.home.code
        if self.day != self.today:
            pairs["as-of"] = self.day.isoformat()
        return f"?{urlencode(pairs)}" if pairs else ""

    @property
    def whole(self) -> Asked:
        """The same of the whole organisation."""
        return replace(self, area=replace(self.area, narrowed=NOT_NARROWED), home=None)

    @property
    def moment(self) -> int:
        """The moment whose memberships count (microseconds): the end of the day, or now."""
        return _moment(self.day, self.kernel.clock.now())

    def narrowed(self, home: Home) -> Asked:
        """The same of one home of it."""
        return replace(self, area=replace(self.area, narrowed=Narrowed(home=home.code)), home=home)

    async def figures(self, wanted: Sequence[Wanted]) -> list[Kept]:
        """All of them, in order, kept ones among them."""
        return await kept_of(self.kernel).figures(self.kernel, wanted, fresh=self.fresh)

    async def homes(self, connection: Connection) -> dict[str, Home]:
        """The care homes of the organisation that the reader is told of, by code."""
        return await homes_of(connection, self.whole.area, self.moment, exact=self.exact)


def call_of(kernel: Kernel, request: Request, caller: Caller) -> OperationCall:
    """The page as a call, so that rights, neighbours and the audit trail take it for what it is."""
    ids = kernel.ids
    asked = FhirRequest(
        "GET", request.url.path.lstrip("/"), request.url.query, {}, b"", kernel.base, ids.new(), ids.new(), caller
    )
    return OperationCall(kernel, asked, "Measure", None, {})


async def asked_of(call: OperationCall, request: Request, connection: Connection) -> Asked:
    """Raises FhirError 400, 403 and 404 as `$evaluate-measure` does."""
    caller, now = call.request.caller, call.kernel.clock.now()
    if caller.person is not None:
        raise FhirError(Kind.FORBIDDEN, "Figures of an organisation are for those who work for it")
    require_scope(caller, "Measure", "r")
    named = request.query_params.get("organisation")
    code, kind, exact = await organisation_asked(
        call, connection, ("organisation", named) if named else None, to_micros(now), (*MEASURED_KINDS, COMMISSIONER)
    )
    today = london_date(now)
    day = _day(request.query_params.get("as-of"), today)
    area = await area_of(connection, code, kind, _moment(day, now))
    asked = Asked(call, area, exact, day, today, "fresh" in request.query_params)
    home = request.path_params.get("home") or request.query_params.get("home")
    return await _at_home(asked, connection, home) if home else asked


async def _at_home(asked: Asked, connection: Connection, name: str) -> Asked:
    if asked.area.kind == COMMISSIONER:
        text = "A care home is shown within its network or a practice; name that as organisation"
        raise FhirError(Kind.BAD_REQUEST, text, expression="organisation")
    code = await organisation_named(connection, "home", name)
    home = (await asked.homes(connection)).get(code)
    if home is None:
        raise FhirError(Kind.NOT_FOUND, "This is no care home of the organisation on that day", expression="home")
    return asked.narrowed(home)


def _day(text: str | None, today: date) -> date:
    if not text:
        return today
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise FhirError(Kind.BAD_REQUEST, "as-of is a date such as 2020-07-31", expression="as-of") from None
    if not date(2000, 1, 1) <= day <= today:
        raise FhirError(Kind.BAD_REQUEST, "as-of is a day from 2000 up to today", expression="as-of")
    return day


def _moment(day: date, now: datetime) -> int:
    """The moment whose memberships count: the end of the day, or now."""
    return min(to_micros(datetime.combine(day + timedelta(days=1), time(), LONDON)) - 1, to_micros(now))
