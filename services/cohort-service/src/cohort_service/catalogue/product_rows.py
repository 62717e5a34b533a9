"""The map of products in the database, and the codes of records that take their BNF code and substance from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from cohort_service.catalogue.mark import set_new_mark
from cohort_service.domain.product_map import Product, substance_of
from tandem.canonical import DMD, SNOMED_CT
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection
from tandem.nhs.value_set import BNF

if TYPE_CHECKING:
    from cohort_service.facts.concepts import Concepts


async def keep_products(connection: Connection, products: Iterable[Product]) -> None:
    """Write products; one that is there already takes the new BNF code and substance."""
    await connection.executemany(
        "INSERT INTO product (code, bnf, substance) VALUES ($1, $2, $3)"
        " ON CONFLICT (code) DO UPDATE SET bnf = excluded.bnf, substance = excluded.substance",
        [(each.code, each.bnf, each.substance) for each in products],
    )


async def count_products(connection: Connection) -> int:
    """How many products the map holds."""
    return int(await connection.fetchval("SELECT COUNT(*) FROM product"))


async def take_in_new_codes(connection: Connection, concepts: Concepts, codes: Collection[int]) -> None:
    """To be called, in their transaction, for codes that are new (by number): what value sets stand for may grow.

    A code of dm+d is one of SNOMED CT, so what is known by both is one substance.
    """
    twin = await connection.fetchval(
        "SELECT 1 FROM concept c JOIN concept s ON s.code = c.code"
        " AND s.system = CASE c.system WHEN $1 THEN $2 WHEN $2 THEN $1 END"
        f" WHERE c.number {among(connection.dialect, '$3', 'bigint')} LIMIT 1",
        SNOMED_CT, DMD, array(connection.dialect, sorted(codes)),
    )  # fmt: skip
    if twin is not None:
        await _join_twins(connection, codes)
    if not await give_bnf_codes(connection, concepts, codes) and twin is not None:
        await set_new_mark(connection)


async def _join_twins(connection: Connection, codes: Collection[int]) -> None:
    # Two transactions that bring one of a pair each do not see the other's; a map of products joins these too.
    await connection.execute(
        "UPDATE concept SET substance = (SELECT MIN(t.number) FROM concept t"
        " WHERE t.code = concept.code AND t.system IN ($1, $2))"
        " WHERE bnf IS NULL AND system IN ($1, $2)"
        f" AND code IN (SELECT n.code FROM concept n WHERE n.number {among(connection.dialect, '$3', 'bigint')})",
        SNOMED_CT, DMD, array(connection.dialect, sorted(codes)),
    )  # fmt: skip


async def give_bnf_codes(connection: Connection, concepts: Concepts, codes: Collection[int] | None = None) -> int:
    """Give codes (by number; all with None) the BNF code and the substance that the map has for them.

    Answers how many were given one. What value sets stand for by prefix follows from it, so the catalogue has a new
    mark when anything was given.
    """
    wanted = "1=1" if codes is None else f"c.number {among(connection.dialect, '$3', 'bigint')}"
    chosen = [] if codes is None else [array(connection.dialect, sorted(codes))]
    rows = await connection.fetch(
        "SELECT c.number, p.bnf, p.substance FROM concept c JOIN product p ON p.code = c.code"
        f" WHERE c.system IN ($1, $2) AND (c.bnf IS NULL OR c.bnf <> p.bnf OR p.substance IS NOT NULL) AND {wanted}",
        SNOMED_CT, DMD, *chosen,
    )  # fmt: skip
    given = [(row["number"], row["bnf"], row["substance"]) for row in rows]
    given += await _codes_of_the_bnf(connection, codes)
    if not given:
        return 0
    substances = {key for _, bnf, substance in given if (key := substance_of(bnf, substance)) is not None}
    numbers = await concepts.numbers(connection, substances)
    await connection.executemany(
        "UPDATE concept SET bnf = $2, substance = $3 WHERE number = $1",
        [
            (number, bnf, numbers[key] if (key := substance_of(bnf, substance)) is not None else number)
            for number, bnf, substance in given
        ],
    )
    await set_new_mark(connection)
    return len(given)


async def _codes_of_the_bnf(
    connection: Connection, codes: Collection[int] | None
) -> list[tuple[int, str, str | None]]:
    """Records may give a BNF code itself instead of a product."""
    wanted = "1=1" if codes is None else f"number {among(connection.dialect, '$2', 'bigint')}"
    chosen = [] if codes is None else [array(connection.dialect, sorted(codes))]
    rows = await connection.fetch(
        f"SELECT number, code FROM concept WHERE system = $1 AND bnf IS NULL AND {wanted}", BNF, *chosen
    )
    return [(row["number"], row["code"], None) for row in rows]
