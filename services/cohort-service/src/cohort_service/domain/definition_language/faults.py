"""What is wrong with a definition: every fault at once, each with its file, its line and what is allowed there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `line` counts from 1; `allowed` says what may stand there instead, and is never empty."""

    file: str
    line: int
    message: str
    allowed: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}; allowed: {self.allowed}"


class DefinitionError(Exception):
    """One or more definitions cannot be used. `problems` holds all that was found, in the order of the file."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
