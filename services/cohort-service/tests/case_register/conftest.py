"""cohort-service with a network of two practices, its commissioner, and small definitions of the case register."""

from __future__ import annotations

import pytest

from tandem_tests.identification_service import COMMISSIONER, PRACTICE, Cohorts, definition


@pytest.fixture
async def cohorts(cohorts: Cohorts) -> Cohorts:
    """Whoever fell is proposed for the register."""
    await cohorts.install(definition("complex-and-frail", "PCPC", value_set="fell"))
    await cohorts.join(COMMISSIONER, PRACTICE)
    return cohorts
