"""The form of a logical id (http://hl7.org/fhir/R4/datatypes.html#id)."""

from __future__ import annotations

import re

_form = re.compile(r"[A-Za-z0-9\-.]{1,64}").fullmatch


def is_logical_id(text: str) -> bool:
    """Whether a resource may have this id. `.` and `..` are left out: in an address they mean a folder."""
    return _form(text) is not None and text not in (".", "..")
