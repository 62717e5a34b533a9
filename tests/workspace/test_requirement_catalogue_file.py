"""The requirements that cohort-service ships with are those of docs/requirements.yaml."""

from __future__ import annotations

import yaml
from render_requirement_catalogue import SHIPPED, TABLE, rendered

from cohort_service.requirements_catalogue.shipped_requirements import shipped_requirements


def test_the_shipped_file_is_what_the_table_gives() -> None:
    shipped = SHIPPED.read_text(encoding="utf-8")
    assert shipped == rendered(TABLE.read_text(encoding="utf-8")), "run tools/render_requirement_catalogue.py"


def test_every_row_of_the_table_is_served_with_evidence() -> None:
    rows = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    held = shipped_requirements()
    assert list(held) == [row["id"] for row in rows]
    assert all(each.evidence and each.text for each in held.values())
