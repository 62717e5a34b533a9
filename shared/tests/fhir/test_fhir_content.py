"""A large body is read in a thread, so that others are answered meanwhile; a small one is not worth the hop."""

from __future__ import annotations

import threading
from types import SimpleNamespace
from typing import Any

import pytest

from tandem.fhir.body import encode
from tandem.fhir.content import LARGE, checked_resource
from tandem.fhir.request import FhirRequest


class Watched:
    """A validator that remembers in which thread it was asked."""

    def __init__(self) -> None:
        self.threads: list[threading.Thread] = []

    def validate(self, resource: Any, raw: bytes | None = None) -> list[Any]:
        self.threads.append(threading.current_thread())
        return []


@pytest.mark.parametrize(("size", "apart"), [(10, False), (LARGE, True)])
async def test_where_a_body_is_read(size: int, apart: bool) -> None:
    validator = Watched()
    kernel: Any = SimpleNamespace(validator=validator, max_resource=10 * LARGE)
    body = encode({"resourceType": "Task", "description": "x" * size})
    request = FhirRequest("POST", "Task", "", {}, body, "", "", "")
    assert (await checked_resource(kernel, request, "Task"))["resourceType"] == "Task"
    assert (validator.threads != [threading.current_thread()]) is apart
