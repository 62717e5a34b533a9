"""The journey told as a short story, with links."""

from __future__ import annotations

from pathlib import Path

import click

from tandem.demo.journey import SharedCareJourney
from tandem.fhir.body import Resource


async def tell(journey: SharedCareJourney, url: str, data: Path) -> None:
    """Walk the journey and print each step as it happens."""
    cast = journey.cast
    base = f"{url}/fhir"
    _identified(await journey.who_needs_a_review())
    why = await journey.on_the_care_home_list()
    _step("cohort-service", f"{cast.patient_name} is on the care home list of practice {cast.practice_code}.")
    for reason in _evidence(why):
        click.echo(f"     because of {reason}")
    plan, clocks = await journey.plan_is_opened()
    _step(
        "careplan-service",
        f"A plan was opened for her, status {plan['status']}. {_clock(clocks)}",
        f"{base}/{journey.plan}",
    )
    agreed = await journey.practice_contributes()
    _step(
        "careplan-service",
        f"The practice names the team, adds a goal and agrees the plan with her: {agreed['status']}.",
    )
    shared = await journey.community_contributes()
    _step("careplan-service", f"The community provider adds its part: {len(shared['goal'])} goals, "
          f"{len(shared['activity'])} activity, one plan.")  # fmt: skip
    await journey.community_posts_an_action()
    _step(
        "mdt-service",
        "The community provider's system posts a Task that knows her by NHS number only.",
        f"{base}/{journey.task}",
    )
    done, refusal = await journey.community_accepts_and_completes()
    _step("mdt-service", f"It is accepted, started and {done['status']}.")
    if refusal is not None:
        click.echo(f"     and a step back is refused: {refusal.text}")
    await journey.practice_refers()
    _step(
        "referral-service",
        "The practice refers her to social prescribing; the charity finds a Task.",
        f"{base}/{journey.request}",
    )
    closed = await journey.voluntary_completes()
    _step("referral-service", f"The charity completes its Task, and the referral closes by itself: {closed['status']}.")
    before, after = await journey.pharmacy_changes_medicines()
    _step(
        "careplan-service",
        f"A pharmacy states a medicine: her current medicines go from {len(before)} to {len(after)}.",
    )
    await _figures(journey)
    _links(journey, url, data)


async def _figures(journey: SharedCareJourney) -> None:
    cast = journey.cast
    practice, network = await journey.measured(cast.practice_code), await journey.measured(cast.network_code)
    _step("metrics-service", f"What came of it, for practice {cast.practice_code} and network {cast.network_code}:")
    for name, count in practice.items():
        click.echo(f"     {name:<34}{count:>5}{network[name]:>7}")


def _identified(run: Resource) -> None:
    said = {parameter["name"]: _value(parameter) for parameter in run["parameter"]}
    _step("cohort-service", f"Of {said['population']} people, {said['people']} should be offered a medication review:")
    for parameter in run["parameter"]:
        if parameter["name"] == "cohort":
            parts = {part["name"]: _value(part) for part in parameter["part"]}
            # The eight groups of the specification; the indicators that make up one of them would be too long a list.
            if str(parts["cohort"]).startswith("smr-"):
                click.echo(f"     {parts['cohort']:<34}{parts['count']:>5}")


def _value(parameter: Resource) -> object:
    return next((value for name, value in parameter.items() if name.startswith("value")), None)


def _step(service: str, text: str, link: str | None = None) -> None:
    click.echo(f"{service:>17}  {text}" + (f"\n{'':>19}{link}" if link else ""))


def _evidence(why: Resource) -> list[str]:
    shown = []
    for parameter in why["parameter"]:
        if parameter["name"] == "evidence":
            parts = {part["name"]: _value(part) for part in parameter["part"]}
            shown.append(", ".join(_said(value) for value in parts.values() if value))
    return shown


def _said(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("display") or value.get("reference") or value.get("code") or "")
    return str(value)


def _clock(clocks: Resource) -> str:
    for parameter in clocks["parameter"]:
        for part in parameter.get("part", []):
            if part["name"] == "due":
                return f"It is to be agreed by {_value(part)}."
    return ""


def _links(journey: SharedCareJourney, url: str, data: Path) -> None:
    cast = journey.cast
    click.echo(
        f"\nStill serving on {url}: /docs, /fhir/metadata, /health/ready, /metrics."
    )
    click.echo(
        "A token of her practice for your own requests:"
    )
    click.echo(f"  TOKEN=$(.venv/bin/tandem token --data {data} --org {cast.practice_code})")
    click.echo(f"  curl -H \"Authorization: Bearer $TOKEN\" '{url}/fhir/CarePlan?patient=Patient/{cast.patient}'")
    click.echo("Stop with Ctrl-C.")
