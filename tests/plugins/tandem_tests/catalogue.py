"""The requirement catalogue, docs/requirements.yaml, as its rows and the ties between them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class Catalogue:
    """`rows`: id -> text, in the catalogue's order. `ties`: id -> the earlier id that says the same."""

    rows: dict[str, str]
    ties: dict[str, str]

    @classmethod
    def read(cls, path: Path) -> Catalogue:
        """Read the catalogue. Raises ValueError for an id that stands twice or a tie to an id that is not there."""
        # the safe loader, in C where there is one
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        with path.open(encoding="utf-8") as file:
            listed = yaml.load(file, Loader=loader)
        rows = {row["id"]: row["text"] for row in listed}
        ties = {row["id"]: row["same_as"] for row in listed if row.get("same_as")}
        if len(rows) != len(listed):
            raise ValueError("an id stands twice in the catalogue")
        if missing := set(ties.values()) - set(rows):
            raise ValueError(f"same_as names ids that are not there: {', '.join(sorted(missing))}")
        return cls(rows, ties)

    def group(self, requirement: str) -> str:
        """The first id of those that say the same."""
        while requirement in self.ties:
            requirement = self.ties[requirement]
        return requirement
