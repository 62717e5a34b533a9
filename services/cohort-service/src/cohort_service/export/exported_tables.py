"""Which tables are exported, with the columns that statements over them read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExportedTable:
    """`columns` maps names to types of DuckDB; rows are written in the order of `sorted_by`.

    Criteria ask for few concepts of many, so that facts lie by concept: an engine then skips the rest of a file.
    """

    name: str
    columns: dict[str, str]
    sorted_by: Sequence[str] = ()

    @property
    def file(self) -> str:
        return f"{self.name}.parquet"


_DATED = {"person": "BIGINT", "concept": "INTEGER", "starts": "INTEGER", "ends": "INTEGER", "record": "BIGINT"}

NEEDED = (
    ExportedTable(
        "person",
        {"number": "BIGINT", "patient": "VARCHAR", "born": "INTEGER", "sex": "VARCHAR", "died": "INTEGER",
         "left_on": "INTEGER"},
    ),
    # where people are registered: definitions may be in force for some practices only
    ExportedTable("patient", {"id": "VARCHAR", "practice": "VARCHAR"}),
    ExportedTable("fact", {**_DATED, "value": "DOUBLE"}, ("concept", "person")),
    ExportedTable("medicine", {**_DATED, "product": "INTEGER"}, ("concept", "person")),
    ExportedTable(
        "concept",
        {"number": "BIGINT", "system": "VARCHAR", "code": "VARCHAR", "display": "VARCHAR", "bnf": "VARCHAR",
         "substance": "BIGINT"},
    ),
)  # fmt: skip
RECORD = ExportedTable("record", {"number": "BIGINT", "reference": "VARCHAR", "person": "BIGINT"})
"""The references of the records behind facts; only evidence needs them."""
