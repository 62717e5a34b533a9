"""What clocks of requests add to the declaration of the service."""

from __future__ import annotations

from referral_service.clocks.clocks_operation import clocks, clocks_of_request
from referral_service.clocks.due_timer import clock_time_came
from referral_service.clocks.keep_clock import DUE
from tandem.clocks.event_kinds import MEANING
from tandem.identity.periods import FOREVER
from tandem.service import Operation, Timer
from tandem.service_part import Part

PART = Part(
    timers=(Timer(DUE, clock_time_came),),
    operations=(
        Operation(
            "clocks", clocks_of_request, level="instance", type="ServiceRequest",
            documentation="Where the clocks of a request stand, or stood at `as-of`.",
        ),
        Operation(
            "clocks", clocks, level="type", type="ServiceRequest",
            documentation="The clocks that the caller may see: by `state`, `kind`, `owner`, practice and `as-of`.",
        ),
    ),
    emits=MEANING,
    overdue_clocks="SELECT kind AS name, COUNT(*) AS number FROM request_clock"
    f" WHERE settled = {FOREVER} AND due < $1 GROUP BY kind",
)  # fmt: skip
