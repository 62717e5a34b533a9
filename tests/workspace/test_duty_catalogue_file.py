"""The duties that mdt-service ships with are the requirements of the register in docs/requirements.yaml."""

from __future__ import annotations

import yaml
from render_duty_catalogue import SHIPPED, TABLE, rendered

from mdt_service.duties.shipped_catalogue import catalogue


def test_the_shipped_file_is_what_the_table_gives() -> None:
    shipped = SHIPPED.read_text(encoding="utf-8")
    assert shipped == rendered(TABLE.read_text(encoding="utf-8"), shipped), "run tools/render_duty_catalogue.py"


def test_every_requirement_of_the_register_is_a_duty_and_nothing_else_is() -> None:
    rows = yaml.safe_load(TABLE.read_text(encoding="utf-8"))
    assert list(catalogue().duties) == [
        row["id"] for row in rows if row["owner"] == "mdt" and row["proof"] == "register"
    ]
