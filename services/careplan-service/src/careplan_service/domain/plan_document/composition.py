"""The document as a FHIR Bundle (http://hl7.org/fhir/R4/documents.html), as a page, and as a PDF."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from typing import Any, Final

from careplan_service.domain.plan_document.document import PlanDocument
from careplan_service.domain.plan_document.known import Known
from careplan_service.domain.plan_document.section import Section, reference_of
from careplan_service.domain.shared_plan import CATEGORY, TITLE
from tandem.canonical import ODS_CODE, SNOMED_CT
from tandem.clock import to_instant
from tandem.fhir.body import Resource
from tandem.ids import deterministic_id
from tandem.printing.blocks import Block, OnePage, PageBreak, Text, texts
from tandem.printing.fonts import unprintable
from tandem.printing.html import html_of, html_page
from tandem.printing.pdf import pdf_of

HEADINGS: Final = "https://fhir.hl7.org.uk/CodeSystem/UKCore-RecordStandardHeadings"
_XHTML: Final = '<div xmlns="http://www.w3.org/1999/xhtml">{}</div>'
_POINTS: Final = 14
_UNPRINTABLE: Final = "Some letters cannot be printed here. They can be read on the screen."
_MARGIN: Final = 16.0
_STATUS: Final = {"active": "final", "completed": "final", "entered-in-error": "entered-in-error"}


def document_bundle(known: Known, document: PlanDocument, kind: str, base: str) -> Resource:
    """A Bundle of type document: the Composition first, then every record that a section names, and the person.

    `base` is the FHIR base that `fullUrl`s begin with. The same plan at the same moment gives the same identifiers.
    """
    identity = deterministic_id(kind, str(known.plan["id"]), known.plan["meta"]["versionId"], to_instant(known.now))
    found = {f"CarePlan/{known.plan['id']}": known.plan}
    if known.patient is not None:
        found[reference_of(known.patient)] = known.patient
    for reference in (each for section in document.sections for each in section.entries):
        record = known.find({"reference": reference})
        if record is not None:
            found.setdefault(reference, record)
    found |= {reference: record for reference, record in known.people.records.items() if record.get("id")}
    composition = _composition(known, document, identity, found)
    entries = [{"fullUrl": f"{base}/{reference}", "resource": record} for reference, record in found.items()]
    return {
        "resourceType": "Bundle", "type": "document", "timestamp": to_instant(known.now),
        "identifier": {"system": "urn:ietf:rfc:3986", "value": f"urn:uuid:{identity}"},
        "entry": [{"fullUrl": f"{base}/Composition/{identity}", "resource": composition}, *entries],
    }  # fmt: skip


def document_html(document: PlanDocument) -> str:
    """The whole page."""
    style = (files("careplan_service.plan_document") / "style.css").read_text(encoding="utf-8")
    sections = [_element(section, number) for number, section in enumerate(document.sections)]
    first = "\n".join(sections[: document.first_page])
    opening = html_of([Text("h1", document.title), *document.opening])
    body = (
        f'<main>\n<div class="first-page">\n{opening}\n{first}\n</div>\n'
        + "\n".join(sections[document.first_page :]) + f"\n</main>\n<footer>{html_of([Text('p', document.closing)])}"
        f"{html_of([Text('p', document.foot)])}</footer>"
    )  # fmt: skip
    return html_page(document.title, "en-GB", style, body)


def document_pdf(known: Known, document: PlanDocument) -> bytes:
    """The document on A4 in large type; what stands first fills a page of its own, and is set smaller if it must be."""
    foot = f"{document.foot}\n{document.closing}"
    return pdf_of(document.title, "en-GB", _blocks(document), _POINTS, known.now, margin=_MARGIN, foot=foot)


def _blocks(document: PlanDocument) -> list[Block]:
    parts = [(Text("h2", section.title), *section.blocks) for section in document.sections]
    first = [block for part in parts[: document.first_page] for block in part]
    rest = [block for part in parts[document.first_page :] for block in part]
    said = "".join(text for section in document.sections for text in texts(section.blocks)) + document.title
    missing = (Text("p", _UNPRINTABLE),) if unprintable(said) else ()
    opening = OnePage((Text("h1", document.title), *missing, *document.opening, *first))
    return [opening, PageBreak(), *rest] if rest else [opening]


def _element(section: Section, number: int) -> str:
    heading = f"section-{number + 1}"
    title = html_of([Text("h2", section.title)]).replace("<h2>", f'<h2 id="{heading}">', 1)
    inner = f"{title}\n{html_of(section.blocks)}"
    return f'<section class="{section.name}" aria-labelledby="{heading}">\n{inner}\n</section>'


def _composition(known: Known, document: PlanDocument, identity: str, found: dict[str, Resource]) -> Resource:
    return {
        "resourceType": "Composition", "id": identity,
        "text": _narrative([*document.opening, Text("p", document.closing)]),
        "status": _STATUS.get(str(known.plan.get("status")), "preliminary"),
        "type": {"coding": [{"system": SNOMED_CT, "code": CATEGORY, "display": TITLE}]},
        "subject": known.plan["subject"], "date": to_instant(known.now), "author": [_author(known)],
        "title": document.title, "section": [_section(each, found) for each in document.sections],
    }  # fmt: skip


def _section(section: Section, found: dict[str, Resource]) -> dict[str, Any]:
    shown: dict[str, Any] = {"title": section.title}
    if section.heading is not None:
        shown["code"] = {"coding": [{"system": HEADINGS, "code": section.heading}]}
    shown["text"] = _narrative(section.blocks)
    entries = [{"reference": each} for each in section.entries if each in found]
    return {**shown, "entry": entries} if entries else shown


def _narrative(blocks: Sequence[Block]) -> dict[str, Any]:
    return {"status": "generated", "div": _XHTML.format(html_of(blocks))}


def _author(known: Known) -> dict[str, Any]:
    system, _, value = known.organisation.rpartition("|")
    return {"identifier": {"system": system or ODS_CODE, "value": value}, "display": known.printed_by}
