"""The ways to the directory of support offers: rows of `isolation_operations`.

What is offered is for everybody to read; where a person is named, only for who may see that person.
"""

from __future__ import annotations

from tandem_tests.isolation_operations import OPERATIONS, Asking


def _row(name: str, query: str = "") -> None:
    async def ask(asking: Asking) -> str:
        here = asking.place.here
        words = query.replace("@person", f"Patient/{here.person}").replace("@network", here.codes["network"])
        return await asking.get(f"{name}{words}")

    OPERATIONS[f"GET {name}"] = ask


_row("HealthcareService/$support-offers", "?patient=@person")
_row("HealthcareService/$support-gaps", "?network=@network")
_row("HealthcareService/$referral-routes", "?network=@network")
_row("HealthcareService/$support-catalogue")
