"""An answer as Parameters, as a page or as a PDF, whichever was asked for: the three say the same."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final

from tandem.fhir.media_types import HTML, PDF, chosen_media_type
from tandem.fhir.parameters_answer import answer
from tandem.fhir.request import JSON, FhirResponse
from tandem.printing.blocks import Block, Text, texts
from tandem.printing.fonts import unprintable
from tandem.printing.html import html_of, html_page
from tandem.printing.pdf import pdf_of

if TYPE_CHECKING:
    from tandem.fhir.operation import OperationCall

FORMS: Final = (JSON, HTML, PDF)
_POINTS: Final = 11
_UNPRINTABLE: Final = "Some letters cannot be printed here. They can be read on the screen."


async def printed(
    call: OperationCall, title: str, blocks: Callable[[], Sequence[Block]], parameters: Iterable[dict[str, Any]]
) -> FhirResponse:
    """The answer in the form that was asked for by `_format` or Accept. Raises FhirError 406."""
    wanted = chosen_media_type(call.request, FORMS)
    if wanted == JSON:
        return answer(parameters)
    return await document(call, wanted, title, blocks())


async def document(call: OperationCall, wanted: str, title: str, blocks: Sequence[Block]) -> FhirResponse:
    """The page or the PDF, as `wanted` says."""
    shown = [Text("h1", title), *blocks]
    if wanted == HTML:
        style = files("metrics_service").joinpath("printed.css").read_text("utf-8")
        page = html_page(title, "en-GB", style, f"<main>\n{html_of(shown)}\n</main>")
        return FhirResponse(200, page.encode(), content_type=f"{HTML}; charset=utf-8")
    if unprintable("".join(texts(shown))):
        shown.insert(1, Text("p", _UNPRINTABLE))
    # setting type takes long enough for others to wait
    made = await asyncio.to_thread(pdf_of, title, "en-GB", shown, _POINTS, call.kernel.clock.now())
    return FhirResponse(200, made, content_type=PDF)
