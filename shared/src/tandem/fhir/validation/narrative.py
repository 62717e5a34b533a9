"""Narrative XHTML: well formed, of the elements R4 allows, and nothing active or fetched from outside (txt-1, txt-2).

Source: http://hl7.org/fhir/R4/narrative.html#xhtml. A browser reads the text as HTML, not XML: so what the two read
differently (CDATA, comments that HTML closes early, processing instructions) is refused too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.entities import name2codepoint
from xml.parsers import expat

XHTML = "http://www.w3.org/1999/xhtml"
ELEMENTS = frozenset(
    "a abbr acronym address area b bdo big blockquote br caption cite code col colgroup dd del dfn div dl dt em"
    " h1 h2 h3 h4 h5 h6 hr i img ins kbd li map ol p pre q samp small span strong sub sup"
    " table tbody td tfoot th thead tr tt u ul var".split()
)
ATTRIBUTES = frozenset(
    "abbr accesskey align alt axis bgcolor border cellpadding cellspacing char charoff charset cite class clear color"
    " colspan compact coords datetime dir frame headers height href hreflang hspace id ismap lang longdesc name nohref"
    " noshade nowrap rel rev rowspan rules scope shape size span src start style summary tabindex target title type"
    " usemap valign value vspace width".split()
)
_ADDRESSES = frozenset(("href", "src", "cite", "longdesc", "usemap"))
_XML_ATTRIBUTES = frozenset(f"http://www.w3.org/XML/1998/namespace {name}" for name in ("lang", "space", "id"))
_SEPARATOR = " "
_ROOT = f"{XHTML}{_SEPARATOR}div"
_NAMES = frozenset(f"{XHTML}{_SEPARATOR}{name}" for name in ELEMENTS)
_IMAGE = "<img"

_entity = re.compile(r"&([A-Za-z][A-Za-z0-9]*);")
_shown = re.compile(r">\s*[^<\s]").search
_scheme = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]*):").match
_blank = re.compile("[\x00-\x20\x7f-\xa0\u200b-\u200f\u2028\u2029\ufeff]+")
_unsafe_style = re.compile(
    r"url\s*\(|expression\s*\(|@import|javascript:|behaviou?r\s*:|-moz-binding|image-set|[\\<]|/\*", re.I
).search
_LINKS = frozenset(("http", "https", "mailto", "tel", "urn"))
_XML_ENTITIES = frozenset(("amp", "lt", "gt", "quot", "apos"))

NOT_XHTML = "The narrative must be well-formed XHTML: one div in the namespace http://www.w3.org/1999/xhtml"
NOT_ALLOWED = "The narrative holds an element that R4 does not allow there, such as a script, a form or a frame (txt-1)"
NOT_ALLOWED_ATTRIBUTE = "The narrative holds an attribute that R4 does not allow, such as an event handler (txt-1)"
ACTIVE_LINK = "The narrative holds a link whose scheme is not http, https, mailto, tel or urn (txt-1)"
EXTERNAL = "The narrative holds an image or a style that would be fetched from elsewhere (txt-1)"
HIDDEN = "The narrative holds CDATA, a processing instruction or a comment that HTML reads differently (txt-1)"
EMPTY = "The narrative shows nothing: it needs text or an image (txt-2)"


def faults_of(text: str) -> list[str]:
    """What is wrong with the text of `Narrative.div`, in plain English; quotes nothing of it."""
    found: dict[str, None] = {}
    try:
        root = _read(_entity.sub(_numeric, text) if "&" in text else text, found)
    except (expat.ExpatError, UnicodeEncodeError):
        return [NOT_XHTML]
    if root != _ROOT:
        return [NOT_XHTML, *found]
    if not (_shown(text) or _IMAGE in text):
        found[EMPTY] = None
    return [*found]


def _numeric(found: re.Match[str]) -> str:
    # XML knows five entities; the others of HTML 4 are characters, and what is neither stays and is refused.
    name = found[1]
    return found[0] if name in _XML_ENTITIES or name not in name2codepoint else f"&#{name2codepoint[name]};"


def _read(text: str, found: dict[str, None]) -> str | None:
    """Read the text once, noting what must not be there; the name of the outermost element."""
    root: str | None = None

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal root
        if root is None:
            root = name
        if name not in _NAMES:
            found[NOT_ALLOWED] = None
        if attributes:
            found.update(dict.fromkeys(_attribute_faults(name, attributes)))

    parser = expat.ParserCreate("utf-8", _SEPARATOR)
    parser.StartElementHandler = start
    if "<!" in text or "<?" in text:
        _watch_markup(parser, found)
    parser.Parse(text.encode(), True)
    return root


def _watch_markup(parser: expat.XMLParserType, found: dict[str, None]) -> None:
    def hidden(*_: object) -> None:
        found[HIDDEN] = None

    def comment(text: str) -> None:
        # HTML ends a comment at `<!-->` and `<!--->`; XML reads on.
        if text.startswith((">", "->")):
            found[HIDDEN] = None

    parser.CommentHandler = comment
    parser.ProcessingInstructionHandler = hidden
    parser.StartCdataSectionHandler = hidden
    parser.StartDoctypeDeclHandler = _no_document_type


def _no_document_type(*_: object) -> None:
    # Entities of its own could grow without bound: stop before they are read.
    raise expat.ExpatError(NOT_XHTML)


def _attribute_faults(element: str, attributes: dict[str, str]) -> Iterator[str]:
    for name, value in attributes.items():
        if name in _ADDRESSES:
            yield from _address_faults(element, name, value)
        elif name == "style":
            if _unsafe_style(value):
                yield EXTERNAL
        elif name not in ATTRIBUTES and name not in _XML_ATTRIBUTES:
            yield NOT_ALLOWED_ATTRIBUTE


def _address_faults(element: str, name: str, value: str) -> Iterator[str]:
    bare = _blank.sub("", value)
    scheme = _scheme(bare)
    kind = scheme[1].lower() if scheme else ""
    if name == "src" or element.endswith(" img"):
        # An image comes with the resource: a contained one, a relative one, or its bytes.
        remote = bare.startswith(("//", "\\", "/\\"))
        image = kind == "data" and bare[:11].lower() == "data:image/" and not bare[11:14].lower().startswith("svg")
        if remote or not (kind in ("", "cid") or image):
            yield EXTERNAL
    elif kind and kind not in _LINKS:
        yield ACTIVE_LINK
