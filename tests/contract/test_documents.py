"""The documents in docs/ that are made from the declarations say what the declarations say."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from write_documents import documents

DOCS = Path(__file__).parents[2] / "docs"


@pytest.mark.parametrize("name", ["asyncapi.json", "openapi.json", "types.md"])
def test_a_document_is_up_to_date(name: str) -> None:
    assert (DOCS / name).read_text(encoding="utf-8") == documents()[name], "run `make documents`"


def test_every_declared_interaction_is_in_the_openapi_document() -> None:
    paths = json.loads(documents()["openapi.json"])["paths"]
    assert paths["/fhir/Task"].keys() == {"get", "post"}
    assert paths["/fhir/Task/{id}"].keys() == {"get", "put", "patch", "delete"}
