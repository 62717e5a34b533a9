"""What a reader finds in the documents of a plan."""

from __future__ import annotations

import html
import io
import re
from typing import Any

import httpx
from pypdf import PdfReader


def words(answer: httpx.Response) -> str:
    """What a reader reads, in one line."""
    assert answer.status_code == 200, answer.text
    if answer.headers["content-type"] == "application/pdf":
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages)
    else:
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        text = html.unescape(re.sub(r"<[^>]*>", " ", answer.text.partition("<body>")[2]))
    return " ".join(text.split())


def narrative(section: dict[str, Any]) -> str:
    """The words of a section of a Composition."""
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", section["text"]["div"])).split())


def sections(bundle: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The sections of a document by their titles."""
    return {each["title"]: each for each in bundle["entry"][0]["resource"]["section"]}
