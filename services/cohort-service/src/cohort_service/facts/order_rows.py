"""The rows of orders that refer to a Medication: what to write again when it comes, is corrected or goes."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from cohort_service.domain.facts.medications import ReferringOrder, facts_of_order
from cohort_service.facts.current_records import current_records
from cohort_service.facts.fact_rows import RecordFacts
from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection

MEDICATION = "Medication"
_COLUMNS = ("reference", "patient", "medication", "starts", "ends")


@dataclass(frozen=True, slots=True)
class PersonsOrder:
    """An order and the patient (by id) it is for."""

    patient: str
    order: ReferringOrder


async def keep_orders(connection: Connection, said: Mapping[str, PersonsOrder | None]) -> None:
    """Put what these records (by reference) say now in place of what they said; None refers to no Medication."""
    if not said:
        return
    await connection.execute(
        f"DELETE FROM referring_order WHERE reference {among(connection.dialect, '$1', 'text')}",
        array(connection.dialect, said.keys()),
    )
    rows = [
        (reference, each.patient, each.order.medication, each.order.starts, each.order.ends)
        for reference, each in said.items()
        if each is not None
    ]
    await connection.copy_rows("referring_order", _COLUMNS, rows)


async def orders_now(connection: Connection, references: Collection[str]) -> dict[str, PersonsOrder]:
    """Those of these records (by reference) that still refer to a Medication.

    They are locked: a listener that replaces one meanwhile waits, and writes after what is written by this.
    """
    if not references:
        return {}
    lock = " FOR UPDATE" if connection.dialect == "postgresql" else ""
    rows = await connection.fetch(
        f"SELECT {', '.join(_COLUMNS)} FROM referring_order"
        f" WHERE reference {among(connection.dialect, '$1', 'text')} ORDER BY reference{lock}",
        array(connection.dialect, references),
    )
    return {
        row["reference"]: PersonsOrder(row["patient"], ReferringOrder(row["medication"], row["starts"], row["ends"]))
        for row in rows
    }


async def facts_of_orders(connection: Connection, orders: Mapping[str, PersonsOrder]) -> list[RecordFacts]:
    """What these orders (by reference) say with their Medications as they are now, in one look-up for all."""
    named = dict.fromkeys((MEDICATION, each.order.medication) for each in orders.values())
    held = await current_records(connection, named)
    bodies = {reference: each.body for reference, each in held.items()}
    return [
        RecordFacts(
            reference, each.patient, facts_of_order(each.order, bodies.get(f"{MEDICATION}/{each.order.medication}"))
        )
        for reference, each in orders.items()
    ]


async def mark_orders_of(connection: Connection, medications: Collection[str]) -> None:
    """Have every order of these Medications (by id) written again by the follower, batch after batch."""
    if not medications:
        return
    await connection.execute(
        "INSERT INTO stale_order (reference) SELECT reference FROM referring_order"
        f" WHERE medication {among(connection.dialect, '$1', 'text')} ORDER BY reference"
        " ON CONFLICT (reference) DO NOTHING",
        array(connection.dialect, medications),
    )


async def mark_order(connection: Connection, reference: str) -> None:
    """Have one order written again by the follower, by what this transaction says of it."""
    # A mark that is there already is held too: else the follower could take it, and read the order before it changes.
    await connection.execute(
        "INSERT INTO stale_order (reference) VALUES ($1)"
        " ON CONFLICT (reference) DO UPDATE SET reference = excluded.reference", reference,
    )  # fmt: skip
