"""What is wrong with a definition: where, and what is allowed there."""

from __future__ import annotations


class DefinitionFault(ValueError):
    """A fault at a path such as `numerator.people[0].on-list`."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        super().__init__(f"{path}: {text}" if path else text)
