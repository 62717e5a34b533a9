"""The gateway as a process: a name, a database for its jobs and for ended sessions, and what it offers itself.

It owns no resource type.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import MetaData

from tandem.database.tables import declare_kernel_tables
from tandem.gateway.loaded_sources import declare_loaded_source
from tandem.service import Operation, Service
from tandem.sign_in.ended_sessions import declare_ended_session

GATEWAY = "gateway"


async def _answered_by_its_routes(*_: Any) -> None:
    raise AssertionError("GatewayRoutes answers these itself")


OPERATIONS: tuple[Operation, ...] = (
    Operation(
        "ingest", _answered_by_its_routes, "system", None, "c", writes=True, asynchronous=True,
        documentation="Takes Bundles and NDJSON of any mix of types; 202, and the result at the Content-Location.",
    ),
    Operation(
        "job", _answered_by_its_routes, "system", None, "r",
        documentation="GET ?id= tells how an asynchronous request goes, and then its result; DELETE cancels it.",
    ),
    Operation(
        "caught-up", _answered_by_its_routes, "system", None, "r",
        documentation="Whether every service has taken all events that the others have committed.",
    ),
    Operation(
        "status", _answered_by_its_routes, "system", None, "r",
        documentation="Where every process stands and what is stuck, in JSON, for operators.",
    ),
)  # fmt: skip

metadata = MetaData()
declare_kernel_tables(metadata)
declare_loaded_source(metadata)
declare_ended_session(metadata)

service = Service(GATEWAY, (), metadata, "tandem.gateway:migrations", operations=OPERATIONS)
