"""How much of a figure is shown to whom.

Those who care for the people counted see exact figures. A commissioner sees none that could point to a person: as in
national hospital statistics, 1 to 7 is not shown, 0 is, and the rest is rounded to the nearest 5.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Suppression:
    """Counts from 1 to `hidden_up_to` are not shown, others rounded to the nearest multiple of `round_to`."""

    name: str
    hidden_up_to: int
    round_to: int

    def shown(self, count: int) -> int | None:
        """The count to show, or None."""
        if 0 < count <= self.hidden_up_to:
            return None
        return (count + self.round_to // 2) // self.round_to * self.round_to


EXACT = Suppression("exact", 0, 1)
AREA = Suppression("hidden-1-to-7-rounded-to-5", 7, 5)
