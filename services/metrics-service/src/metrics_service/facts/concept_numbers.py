"""The dictionary of codings: each set of codings that a record had has a number, by which facts name it.

There are few sets, a few thousand for millions of facts, so a value set is matched against the dictionary, once a
statement, and never against the facts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from tandem.database.array_parameters import among, array
from tandem.database.connection import Connection

Codings = tuple[str, ...]
_KEPT: Final = "coding-sets"


def as_text(codings: Codings) -> str:
    """The codings as the dictionary has them: sorted, each once, with a line feed before each and at the end."""
    return "\n" + "\n".join(sorted(set(codings))) + "\n"


async def concept_numbers(connection: Connection, wanted: Iterable[Codings]) -> dict[Codings, int]:
    """The number of each set; one that is new gets one, in this transaction."""
    remembered: dict[str, int] = connection.memory.setdefault(_KEPT, {})
    texts = {codings: as_text(codings) for codings in wanted}
    found = {text: remembered[text] for text in texts.values() if text in remembered}
    missing = sorted(set(texts.values()) - found.keys())
    if missing:
        await connection.executemany(
            "INSERT INTO concept (codings) VALUES ($1) ON CONFLICT (codings) DO NOTHING", [(text,) for text in missing]
        )
        rows = await connection.fetch(
            f"SELECT number, codings FROM concept WHERE codings {among(connection.dialect, '$1', 'text')}",
            array(connection.dialect, missing),
        )
        fresh = {row["codings"]: row["number"] for row in rows}
        found |= fresh
        connection.after_commit(lambda: remembered.update(fresh))
    return {codings: found[text] for codings, text in texts.items()}
