"""The event that tells which BNF code products have, for services that count prescriptions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from cohort_service.domain.product_map import Product
from tandem.ids import IdSource
from tandem.service import Work

LOADED: Final = "tandem.product-map.loaded"
_TOLD_AT_ONCE: Final = 1_000


async def say_loaded(work: Work, products: Sequence[Product], ids: IdSource) -> None:
    """Tell of the products, a thousand an event. Of a product that is told again the later event counts."""
    for start in range(0, len(products), _TOLD_AT_ONCE):
        told = [[each.code, each.bnf] for each in products[start : start + _TOLD_AT_ONCE]]
        await work.emit(LOADED, {"products": told}, key=ids.new())
