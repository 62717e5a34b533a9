"""Which numbers of the dictionary of codings a value set has."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Final

from tandem.database.connection import Connection
from tandem.nhs.value_set import ValueSet
from tandem.nhs.value_set_folder import value_sets_of

Numbers = tuple[int, ...]
_KEPT: Final = "numbers-of-value-sets"


@cache
def value_sets() -> dict[str, ValueSet]:
    """Those that measures may name, by id."""
    return {each.id: each for each in value_sets_of("metrics_service")}


async def numbers_of(connection: Connection, names: Iterable[str]) -> dict[str, Numbers]:
    """The sets of codings of which one is a member, for each value set.

    They are found again only when the dictionary has grown. Raises KeyError for a value set that does not exist.
    """
    wanted = sorted(set(names))
    if not wanted:
        return {}
    size = await connection.fetchval("SELECT COUNT(*) FROM concept")
    kept: dict[str, tuple[int, Numbers]] = connection.memory.setdefault(_KEPT, {})
    stale = [name for name in wanted if kept.get(name, (-1, ()))[0] != size]
    if stale:
        rows = await connection.fetch("SELECT number, codings FROM concept")
        held = [(row["number"], row["codings"].strip("\n").split("\n")) for row in rows]
        for name in stale:
            kept[name] = (size, _matching(value_sets()[name], held))
    return {name: kept[name][1] for name in wanted}


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
