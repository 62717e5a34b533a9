"""The requirements that the service ships with, made by tools/render_requirement_catalogue.py."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from cohort_service.domain.requirements.requirement import Requirement, shipped


@cache
def shipped_requirements() -> dict[str, Requirement]:
    """Version one of every national requirement, by id, in the order of the table."""
    text = (files("cohort_service") / "requirements_catalogue" / "requirements.json").read_text(encoding="utf-8")
    return {row["id"]: shipped(row) for row in json.loads(text)}
