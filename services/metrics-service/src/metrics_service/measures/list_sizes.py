"""List sizes of practices as they were told, for the rates of measures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from metrics_service.domain.measures.span import Span
from metrics_service.facts.fold import FOREVER
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection

_CATEGORY = {"list-size": "registered", "weighted-list": "weighted"}


async def list_sizes(
    connection: Connection, practices: Sequence[str], span: Span, which: Literal["list-size", "weighted-list"]
) -> dict[str, float]:
    """The size of each practice's list at the start of the period: the newest by then, else the first after it.

    A practice whose list was never told by the end of the period is left out.
    """
    known = span.known if span.known is not None else FOREVER - 1
    rows = await connection.fetch(
        "SELECT organisation, first, value FROM told_fact WHERE kind = 'list-size' AND category = $2"
        f" AND organisation {among(connection.dialect, '$1', 'text')} AND first <= $3 AND known_from <= $4"
        " AND known_until > $4 ORDER BY first",
        array(connection.dialect, practices), _CATEGORY[which], span.last, known,
    )  # fmt: skip
    found: dict[str, float] = {}
    for row in rows:
        if row["first"] <= span.first or row["organisation"] not in found:
            found[row["organisation"]] = row["value"]
    return found
