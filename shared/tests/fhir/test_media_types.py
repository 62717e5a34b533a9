"""Which form an answer is given in, by _format and by Accept."""

from __future__ import annotations

import pytest

from tandem.fhir.media_types import HTML, PDF, chosen_media_type
from tandem.fhir.outcome import FhirError
from tandem.fhir.request import JSON, FhirRequest

OFFERED = (JSON, HTML, PDF)


def asking(accept: str | None = None, query: str = "") -> FhirRequest:
    headers = {} if accept is None else {"accept": accept}
    return FhirRequest("GET", "CarePlan/1/$shared-plan", query, headers, b"", "http://127.0.0.1/fhir", "r", "c")


@pytest.mark.parametrize(("accept", "query", "chosen"), [
    (None, "", JSON), ("", "", JSON), ("*/*", "", JSON), ("application/*", "", JSON), ("text/*", "", HTML),
    ("application/json", "", JSON), ("text/html;q=0.2, application/pdf;q=0.7", "", PDF),
    ("image/png, text/html", "", HTML),
    ("application/fhir+json;q=0, */*;q=0.1, text/html;q=0.05", "", JSON), ("application/pdf;q=x, text/html", "", HTML),
    (HTML, "_format=pdf", PDF), (None, "_format=application/fhir+json", JSON), (None, "_format=text/html", HTML),
])  # fmt: skip
def test_format_goes_before_accept_and_the_weightiest_is_chosen(accept: str | None, query: str, chosen: str) -> None:
    assert chosen_media_type(asking(accept, query), OFFERED) == chosen


@pytest.mark.parametrize(("accept", "query"), [
    ("image/png", ""), ("text/html;q=0", ""), (None, "_format=xml"), ("*/*", "_format="),
    (None, "_format=pdf&_format=xml"),
])  # fmt: skip
def test_what_is_not_offered_is_refused(accept: str | None, query: str) -> None:
    with pytest.raises(FhirError) as refused:
        chosen_media_type(asking(accept, query), OFFERED)
    assert refused.value.kind.status == 406
