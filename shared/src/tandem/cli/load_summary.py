"""What came of a whole `tandem load`: one table, and the rejects with the file and line they stand in."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

from tandem.cli.load_pieces import Piece

_COLUMNS = ("created", "updated", "unchanged", "rejected")


class Summary:
    """Adds up the reports of all pieces."""

    def __init__(self) -> None:
        self.types: dict[str, Counter[str]] = {}
        self.unowned: Counter[str] = Counter()
        self.rejects: list[dict[str, Any]] = []

    def add(self, piece: Piece, report: dict[str, Any]) -> None:
        """Take in the report of a piece."""
        for kind, counts in report["types"].items():
            self.types.setdefault(kind, Counter()).update(counts)
        self.unowned.update(report["unowned"])
        for reject in report["rejects"]:
            placed = {"file": str(piece.file), **reject}
            if piece.lines:
                placed["line"] = piece.lines[int(reject["line"]) - 1]
            self.rejects.append(placed)

    def refuse(self, piece: Piece, text: str) -> None:
        """Take in a piece that was refused as a whole."""
        reject: dict[str, Any] = {"file": str(piece.file)}
        if piece.lines:
            reject["lines"] = [piece.lines[0], piece.lines[-1]]
        self.types.setdefault("unreadable", Counter()).update(rejected=piece.entries)
        self.rejects.append({**reject, "type": "unreadable", "issues": [{"text": text}]})

    def table(self) -> str:
        """The counts by type, as text."""
        width = max([len("type"), *(len(kind) for kind in (*self.types, "all"))])
        rows = [*sorted(self.types.items()), ("all", sum(self.types.values(), Counter()))]
        head = f"{'type':<{width}}" + "".join(f"{name:>11}" for name in _COLUMNS)
        lines = [head, "-" * len(head)]
        lines += [f"{kind:<{width}}" + "".join(f"{counts[name]:>11,}" for name in _COLUMNS) for kind, counts in rows]
        if self.unowned:
            named = ", ".join(f"{kind} {count:,}" for kind, count in sorted(self.unowned.items()))
            lines += ["", f"left out, because no service keeps these types: {named}"]
        return "\n".join(lines)

    def write_rejects(self, path: Path) -> None:
        """Write the rejects as NDJSON; without any, a file that is there from before is emptied."""
        if self.rejects or path.exists():
            path.write_text("".join(json.dumps(reject) + "\n" for reject in self.rejects))
