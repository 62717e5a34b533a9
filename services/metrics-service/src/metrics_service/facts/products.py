"""The map from products to codes of the BNF, as cohort-service tells it when it is loaded (docs/value-sets.md)."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from metrics_service.facts.changes import note_changes
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.events.event import Event
from tandem.service import Work

LOADED: Final = "tandem.product-map.loaded"
_RESTING_ON_IT: Final = ("prescription", "prescription-cost", "review-outcome")


async def keep_products(event: Event, work: Work) -> None:
    """Keep which BNF code each product has; of a product that is told twice what was told last."""
    products = (event.data or {}).get("products") or ()
    rows = [(str(code), str(bnf), event.position or 0) for code, bnf in products]
    await work.connection.executemany(
        "INSERT INTO product (code, bnf, position) VALUES ($1, $2, $3) ON CONFLICT (code) DO UPDATE"
        " SET bnf = excluded.bnf, position = excluded.position WHERE excluded.position >= product.position",
        sorted(rows),
    )
    # Every figure of medicines, of whatever day, may be another one now.
    await note_changes(work.connection, [(kind, 0) for kind in _RESTING_ON_IT])


async def newest_product(connection: Connection) -> int:
    """A number that grows when products are told."""
    return int(await connection.fetchval("SELECT COALESCE(MAX(position), 0) FROM product"))


async def bnf_codes(connection: Connection, codes: Collection[str]) -> dict[str, str]:
    """Code of a product -> code of the BNF, of those that the map has."""
    if not codes:
        return {}
    rows = await connection.fetch(
        f"SELECT code, bnf FROM product WHERE code {among(connection.dialect, '$1', 'text')}",
        array(connection.dialect, sorted(codes)),
    )
    return {row["code"]: row["bnf"] for row in rows}
