"""Narrative: what R4 allows is accepted; nothing active, external or hidden from an XML reader gets through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tandem.fhir.validation import narrative

XMLNS = 'xmlns="http://www.w3.org/1999/xhtml"'


def div(inside: str) -> str:
    return f"<div {XMLNS}>{inside}</div>"


@pytest.mark.parametrize(
    "inside",
    [
        "Seen", "<p>Seen</p>", "a&nbsp;b &eacute;",
        '<table class="grid" border="1"><tr><td colspan="2">1</td></tr></table>',
        '<a href="https://tandem.example/x">x</a>', '<a href="Patient/1">x</a>', '<a href="#a" name="a">x</a>',
        '<a href="mailto:a@tandem.example">x</a>', '<img src="#p" alt="p"/>', '<img src="picture.png"/>',
        '<img src="data:image/png;base64,aGVsbG8="/>', '<p style="color: red">x</p>', '<p xml:lang="en-GB">x</p>',
        "<!-- plain --> x", "1 &lt; 2 &#60; 3",
    ],
)  # fmt: skip
def test_what_r4_allows(inside: str) -> None:
    assert narrative.faults_of(div(inside)) == []


@pytest.mark.parametrize(
    ("inside", "fault"),
    [
        ("<script>x()</script>y", narrative.NOT_ALLOWED),
        ("<iframe>y</iframe>", narrative.NOT_ALLOWED),
        ("<form>y</form>", narrative.NOT_ALLOWED),
        ("<style>p{}</style>y", narrative.NOT_ALLOWED),
        ('<svg xmlns="http://www.w3.org/2000/svg">y</svg>', narrative.NOT_ALLOWED),
        ('<x:script xmlns:x="http://www.w3.org/1999/xhtml">y</x:script>', narrative.NOT_ALLOWED),
        ('<p onclick="x()">y</p>', narrative.NOT_ALLOWED_ATTRIBUTE),
        ('<p xmlns:l="http://www.w3.org/1999/xlink" l:href="x">y</p>', narrative.NOT_ALLOWED_ATTRIBUTE),
        ('<a href="javascript:x()">y</a>', narrative.ACTIVE_LINK),
        ('<a href=" java&#10;script:x()">y</a>', narrative.ACTIVE_LINK),
        ('<a href="JaVaScRiPt:x()">y</a>', narrative.ACTIVE_LINK),
        ('<a href="data:text/html,x">y</a>', narrative.ACTIVE_LINK),
        ('<a href="vbscript:x">y</a>', narrative.ACTIVE_LINK),
        ('<img src="https://other.example/p.png"/>', narrative.EXTERNAL),
        ('<img src="//other.example/p.png"/>', narrative.EXTERNAL),
        ('<img src="data:image/svg+xml;base64,aGVsbG8="/>', narrative.EXTERNAL),
        ('<img src="data:text/html,x"/>', narrative.EXTERNAL),
        ('<p style="background: url(https://other.example/p.png)">y</p>', narrative.EXTERNAL),
        ('<p style="background: u\\72l(x)">y</p>', narrative.EXTERNAL),
        ("<![CDATA[><script>x()</script>]]>", narrative.HIDDEN),
        ("<!--><script>x()</script>-->y", narrative.HIDDEN),
        ("<!---><script>x()</script>-->y", narrative.HIDDEN),
        ("<?xml-stylesheet href='x'?>y", narrative.HIDDEN),
        ("", narrative.EMPTY),
        ("<p> </p>", narrative.EMPTY),
        ("<p>y", narrative.NOT_XHTML),
        ("&unknown;", narrative.NOT_XHTML),
        ("a & b", narrative.NOT_XHTML),
    ],
)
def test_what_r4_forbids(inside: str, fault: str) -> None:
    assert fault in narrative.faults_of(div(inside))


@pytest.mark.parametrize(
    "text",
    ["", "Seen", "<div>Seen</div>", f"<p {XMLNS}>Seen</p>", div("a") + div("b"), f"<html {XMLNS}><div>x</div></html>",
     f"<!DOCTYPE div [<!ENTITY a 'b'>]>{div('&a;')}", "<div", "\ud800"],
)  # fmt: skip
def test_what_is_no_narrative(text: str) -> None:
    assert narrative.NOT_XHTML in narrative.faults_of(text)


def test_entities_that_grow_are_not_read() -> None:
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 30))
    assert narrative.faults_of(f'<!DOCTYPE div [<!ENTITY e0 "x">{lines}]>{div("&e29;")}') == [narrative.NOT_XHTML]


@given(inside=st.text(alphabet="<>/!-[]&;=\"' ascriptdivonload:\n\x00é"))
def test_no_text_brings_an_unknown_element_through(inside: str) -> None:
    faults = narrative.faults_of(div(inside))
    assert faults or "<script" not in inside
