"""Recording something of a net: the fact, the net that follows, and the trace of who wrote it, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from referral_service.domain.safety_nets.fact import Fact
from referral_service.safety_nets.fact_rows import add_fact, facts_of, next_moment
from referral_service.safety_nets.keep_net import keep_net
from referral_service.safety_nets.net_operation import net_told
from referral_service.safety_nets.seen_net import SeenNet
from tandem.clock import to_micros
from tandem.database.connection import Connection
from tandem.fhir.auditing import audit_entry
from tandem.fhir.operation_work import work_of
from tandem.fhir.parameters_answer import Parameter
from tandem.identity.audit import record

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall


async def record_fact(
    call: OperationCall, connection: Connection, net: SeenNet, kind: str, happened: datetime,
    detail: Mapping[str, Any],
) -> list[Parameter]:  # fmt: skip
    """Keep a fact and answer the net as it stands then."""
    now, terms = call.kernel.clock.now(), net.terms
    at = await next_moment(connection, terms.request, now)
    source = f"step/{call.kernel.ids.new()}"
    await add_fact(connection, terms.request, terms.patient, Fact(source, 1, kind, at, happened, detail))
    await keep_net(work_of(call, connection, now), terms.request)
    await record(connection, [
        audit_entry(call.request, f"${call_name(call)}", to_micros(now), resource_type="ServiceRequest",
                    resource_id=terms.request, patient=terms.patient)
    ])  # fmt: skip
    return await net_told(connection, SeenNet(terms, await facts_of(connection, terms)), now)


def call_name(call: OperationCall) -> str:
    """The name of the operation that is called."""
    return call.request.path.rstrip("/").rpartition("$")[2]
