"""The Patient Activation Measure in SNOMED CT; its score has no code of its own."""

from __future__ import annotations

from typing import Final

ACTIVATION_LEVEL: Final = "962851000000103"
"""Patient Activation Measure level (observable entity): 1 to 4."""
