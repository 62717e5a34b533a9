"""How things are named in a definition."""

from __future__ import annotations

KEBAB = r"[a-z0-9]+(-[a-z0-9]+)*"
KEBAB_ALLOWED = "small letters and digits, joined by single hyphens, such as smr-polypharmacy"
PARAMETER = r"[a-z][a-z0-9]*([-_][a-z0-9]+)*"
VERSION = r"[A-Za-z0-9]+([.-][A-Za-z0-9]+)*"
REQUIREMENT = r"[A-Z][A-Z0-9]*(-[A-Z0-9]+)*-[0-9]+[a-z]?"
SERVICES = ("SMR", "EHCH", "AC", "PC", "PAM", "SDM", "ECD", "PCPC")
STATUSES = ("mandatory", "local", "optional")
