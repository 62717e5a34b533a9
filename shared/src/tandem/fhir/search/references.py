"""References as they stand in the search tables: `Type/id` for our own, the whole URL for others."""

from __future__ import annotations


def reference_code(text: str, base: str | None = None) -> str | None:
    """The code of a reference: relative without its version, absolute URLs and `urn:` whole, None for `#contained`.

    References below `base` (our own FHIR base URL, without a slash at its end) become relative.
    """
    if ":" in text:
        if base is None or not text.startswith(base + "/"):
            return text
        text = text[len(base) + 1 :]
    if text.startswith("#") or not text:
        return None
    return text.partition("/_history/")[0]


def is_of_type(code: str, resource_type: str) -> bool:
    """Whether a reference's code names a resource of that type."""
    if ":" in code:
        return f"/{resource_type}/" in code
    return code.startswith(resource_type + "/")
