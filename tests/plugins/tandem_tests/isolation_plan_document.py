"""The ways to the documents of a plan: rows of `isolation_operations`, about the plan that `isolation_plans` keeps."""

from __future__ import annotations

from tandem_tests.isolation_operations import OPERATIONS, Asking

_PLAN = "plan-with-goal"


def _row(operation: str) -> None:
    async def ask(asking: Asking) -> str:
        return await asking.get(f"CarePlan/{asking.place.kept[_PLAN]}/{operation}")

    OPERATIONS[f"GET CarePlan/[id]/{operation}"] = ask


_row("$shared-plan")
_row("$crisis-view")
