"""The templates of agreements that the service ships with."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

from cohort_service.domain.agreements.template import Template, template_of
from tandem.yaml_text import load_yaml


@cache
def templates() -> dict[str, Template]:
    """The templates by id."""
    folder = files("cohort_service") / "agreements" / "templates"
    found = [template_of(load_yaml(file.read_text())) for file in folder.iterdir() if file.name.endswith(".yaml")]
    return {template.id: template for template in sorted(found, key=lambda one: one.id)}
