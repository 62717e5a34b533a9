"""Which numbers of the dictionary of codings a value set has."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from metrics_service.facts.products import bnf_codes, newest_product
from tandem.canonical import DMD, SNOMED_CT
from tandem.database.connection import Connection
from tandem.nhs.value_set import BNF, ValueSet
from tandem.nhs.value_set_folder import value_sets_of

Numbers = tuple[int, ...]
_KEPT: Final = "numbers-of-value-sets"
_PRODUCTS: Final = (f"{DMD}|", f"{SNOMED_CT}|")


@cache
def value_sets() -> dict[str, ValueSet]:
    """Those that measures may name, by id."""
    return {each.id: each for each in value_sets_of("metrics_service")}


async def numbers_of(connection: Connection, names: Iterable[str]) -> dict[str, Numbers]:
    """The sets of codings of which one is a member, for each value set.

    A code of dm+d is one of SNOMED CT, so a member of either stands for both; a product also has the code of the BNF
    that the map of products gives it. They are found again only when the dictionary or the map has grown. Raises
    KeyError for a value set that does not exist.
    """
    wanted = sorted(set(names))
    if not wanted:
        return {}
    size = (await connection.fetchval("SELECT COUNT(*) FROM concept"), await newest_product(connection))
    kept: dict[str, tuple[tuple[int, int], Numbers]] = connection.memory.setdefault(_KEPT, {})
    stale = [name for name in wanted if name not in kept or kept[name][0] != size]
    if stale:
        rows = await connection.fetch("SELECT number, codings FROM concept")
        held = await _with_products(
            connection, [(row["number"], row["codings"].strip("\n").split("\n")) for row in rows]
        )
        for name in stale:
            kept[name] = (size, _matching(value_sets()[name], held))
    return {name: kept[name][1] for name in wanted}


async def _with_products(connection: Connection, held: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Each set of codings with what they are in the other system of products, and in the BNF."""
    products = {coding.rpartition("|")[2] for _, codings in held for coding in codings if coding.startswith(_PRODUCTS)}
    bnf = await bnf_codes(connection, products)
    found = []
    for number, codings in held:
        codes = {coding.rpartition("|")[2] for coding in codings if coding.startswith(_PRODUCTS)}
        more = [f"{prefix}{code}" for prefix in _PRODUCTS for code in codes]
        found.append((number, [*codings, *more, *(f"{BNF}|{bnf[code]}" for code in codes if code in bnf)]))
    return found


def _matching(value_set: ValueSet, held: list[tuple[int, list[str]]]) -> Numbers:
    exact = {f"{each.system}|{each.code}" for each in value_set.members if each.active and not each.prefix}
    prefixes = [
        (f"{each.system}|{each.code}", tuple(f"{each.system}|{code}" for code in each.excepting))
        for each in value_set.members if each.active and each.prefix
    ]  # fmt: skip

    def has(coding: str) -> bool:
        return coding in exact or any(
            coding.startswith(prefix) and not (excepting and coding.startswith(excepting))
            for prefix, excepting in prefixes
        )

    return tuple(number for number, codings in held if any(map(has, codings)))
