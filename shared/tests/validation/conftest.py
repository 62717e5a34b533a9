"""Both engines behind one interface: every test that takes `validator` runs on each of them."""

from __future__ import annotations

import pytest

from tandem.fhir.validation import ENGINES, Validator
from tandem.fhir.validation import validator as make


@pytest.fixture(scope="session", params=ENGINES)
def validator(request: pytest.FixtureRequest) -> Validator:
    """The validator on one engine."""
    return make(request.param)
