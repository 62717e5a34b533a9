"""How the plan was agreed, when it is looked at again, and whether that day has passed."""

from __future__ import annotations

from datetime import date
from typing import Any

from careplan_service.domain.plan_document.known import Known, Said
from careplan_service.domain.plan_document.plain_words import (
    FORUMS,
    PLAN_STATUS,
    concept_in_words,
    date_in_words,
    day_in_words,
    day_of,
    time_in_words,
)
from careplan_service.domain.plan_document.section import Section, response_of, unique
from careplan_service.domain.plans.review import next_review
from tandem.canonical import PLAN_REVIEW
from tandem.printing.blocks import Block, Box, Facts, Text

_LINKS = ("agreement", "agreement-date", "agreed-by", "agreed-by-name", "review-date", "review-person", "forum")

_AGREED_BY = {"person": "me", "representative": "somebody who speaks for me"}


def agreed_with(known: Known) -> Section:
    """Agreed with whom and when, where it was made, the last and the next review and who is responsible for it."""
    rows = [
        ("Agreed", _agreed(known)), ("Made", ", ".join(dict.fromkeys(_forum(each) for each in known.answers("forum")))),
        ("Last looked at", _last_review(known)), ("Looked at again by", _next_in_words(known)),
        ("Who sees to it", _newest(known, "review-person") or _author(known)),
        ("Last changed", date_in_words((known.plan.get("meta") or {}).get("lastUpdated"))),
        ("Who wrote it", _writers(known)),
    ]  # fmt: skip
    blocks: list[Block] = [Facts(tuple((label, text) for label, text in rows if text))]
    entries = unique(response_of(each) for each in known.answers(*_LINKS))
    return Section("agreement", "How we agreed this, and when we look at it again", tuple(blocks), tuple(entries))


def warnings(known: Known) -> list[Block]:
    """What whoever reads the plan must know before relying on it: not agreed, closed, or not looked at in time."""
    told = [PLAN_STATUS[known.plan["status"]]] if known.plan.get("status") in PLAN_STATUS else []
    due = review_due(known)
    if due is not None and due < known.today and known.plan.get("status") in ("active", "on-hold", "draft"):
        told.append(
            f"This plan may be out of date. It should have been looked at again by {day_in_words(due)}, and has not"
            " been. Check with the person or the practice before you rely on it."
        )
    return [Box(tuple(Text("p", each) for each in told), "urgent")] if told else []


def review_due(known: Known) -> date | None:
    """The day by which the plan is looked at again: what the last review set, else what was answered."""
    said = next_review(known.plan)
    return said if said is not None else day_of(_newest(known, "review-date"))


def printed(known: Known) -> str:
    """When and for whom the document was made, and how long it may be relied on."""
    due = review_due(known)
    after = f"after {day_in_words(due)}" if due is not None and due >= known.today else "at any time"
    return (
        f"Printed on {time_in_words(known.now)} by {known.printed_by}. "
        f"The plan may have changed since, and may be out of date {after}."
    )


def _agreed(known: Known) -> str:
    said = known.answers("agreement")
    if not said:
        return "It is not recorded whether I agree"
    if said[-1].text != "Yes":
        return f"I have not agreed ({day_in_words(said[-1].day)})"
    by = known.answers("agreed-by")
    who = _newest(known, "agreed-by-name") or (_AGREED_BY.get(str(by[-1].code), by[-1].text) if by else "")
    day = date_in_words(_newest(known, "agreement-date")) or day_in_words(said[-1].day)
    return f"Yes, on {day}{f', by {who}' if who else ''}"


def _next_in_words(known: Known) -> str:
    due = review_due(known)
    if due is None:
        return "No day is set"
    return day_in_words(due) + (" – this day has passed" if due < known.today else "")


def _last_review(known: Known) -> str:
    parts = _review_parts(known)
    if "at" not in parts:
        return ""
    who = known.people.name_and_work(parts["reviewer"]) if "reviewer" in parts else ""
    words = [date_in_words(parts["at"]), who, concept_in_words(parts.get("reason"))]
    return ", ".join(each for each in words if each)


def _review_parts(known: Known) -> dict[str, Any]:
    for extension in known.plan.get("extension") or ():
        if extension.get("url") == PLAN_REVIEW:
            return {
                part["url"]: next(value for name, value in part.items() if name.startswith("value"))
                for part in extension.get("extension") or ()
            }
    return {}


def _forum(said: Said) -> str:
    return FORUMS.get(str(said.code), said.text)


def _newest(known: Known, link: str) -> str:
    said = known.answers(link)
    return said[-1].text if said else ""


def _author(known: Known) -> str:
    author = known.plan.get("author")
    return known.people.name_and_work(author) if author else ""


def _writers(known: Known) -> str:
    """The author, and everybody else by name: in which order their words arrived says nothing."""
    author = _author(known)
    named = [known.people.name_and_work(each) for each in known.plan.get("contributor") or () if each]
    everybody = {author, *named, *(each.who for each in known.said), *known.contributors} - {""}
    # The organisation of somebody who is named with it need not be named again.
    told = [each for each in everybody if not any(other != each and other.endswith(each) for other in everybody)]
    return ", ".join(sorted(told, key=lambda each: (each != author, each)))
