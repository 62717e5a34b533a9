"""Safety nets as facts: a net of a kind, what happens to it step by step, and stories as they may be lived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from referral_service.domain.safety_nets import codes as c
from referral_service.domain.safety_nets.closing import closing_faults
from referral_service.domain.safety_nets.fact import Fact
from referral_service.domain.safety_nets.net_terms import NetTerms
from referral_service.domain.safety_nets.spans import Span, episode_at, spans_of
from referral_service.domain.safety_nets.step_checks import StepAsked, step_faults
from referral_service.domain.suspected_cancer.claim import URGENT
from referral_service.safety_nets.shipped_policies import policy_on

OPENED = datetime(2021, 5, 3, 9, tzinfo=UTC)
"""A Monday, which was a bank holiday."""


@dataclass(slots=True)
class Story:
    """A net that opened on a day, and what happened, `hours` after that."""

    kind: str
    facts: list[Fact] = field(default_factory=list)
    opened: datetime = OPENED

    @property
    def terms(self) -> NetTerms:
        """The shipped policy of the day."""
        day = self.opened.date()
        policy = policy_on(day)
        assert policy is not None
        return NetTerms("r1", "p1", self.kind, day, self.opened, policy.version, policy.steps[self.kind], policy.days)

    def add(self, hours: float, kind: str, source: str = "", *, happened: float | None = None, **detail: Any) -> Story:
        """One more fact; a source that spoke before speaks again."""
        source = source or f"step/{len(self.facts)}"
        version = 1 + sum(each.source == source for each in self.facts)
        at = self.opened + timedelta(hours=hours)
        when = at if happened is None else self.opened + timedelta(hours=happened)
        self.facts.append(Fact(source, version, kind, at, when, detail))
        return self

    def request(self, hours: float, says: str) -> Story:
        """A status of the request."""
        return self.add(hours, c.REQUEST, "ServiceRequest/r1#status", says=says)

    def appointment(self, hours: float, says: str, name: str = "a", start: float | None = None) -> Story:
        """What an Appointment says; `start` in hours."""
        return self.add(hours, c.APPOINTMENT, f"Appointment/{name}", happened=start, says=says)

    def report(self, hours: float, says: str, name: str = "d", **more: Any) -> Story:
        """What a DiagnosticReport says."""
        return self.add(hours, c.REPORT, f"DiagnosticReport/{name}", says=says, **more)

    @property
    def spans(self) -> tuple[Span, ...]:
        """The life of the net."""
        return spans_of(self.terms, self.facts)

    @property
    def now(self) -> Span:
        """How it stands in the end."""
        return self.spans[-1]


def story(kind: str = URGENT, *, days: Sequence[date] = (), patient_initiated: bool = False) -> Story:
    """A net that has just opened; of a concern with its agreed review."""
    begun = Story(kind).request(0, "active")
    if kind == c.CONCERN:
        told = [day.isoformat() for day in days]
        begun.add(0, c.AGREED, "ServiceRequest/r1#review", days=told, patient_initiated=patient_initiated)
    return begun


_MOVES = (
    c.APPOINTMENT, c.REPORT, c.APPOINTMENT, c.REPORT, c.TOLD, c.ATTENDED, c.ACTED, c.COMMUNICATED, c.REVIEWED,
    c.DECISION, c.SYMPTOMS, c.CLOSED, c.REQUEST,
)  # fmt: skip


@st.composite
def lived(draw: st.DrawFn) -> Story:
    """A story as it may be recorded while it happens: what the operations would refuse does not occur in it."""
    kind = draw(st.sampled_from(c.NET_KINDS))
    agreed = [date(2021, 6, 1)] if draw(st.booleans()) else []
    told = story(kind, days=agreed, patient_initiated=not agreed)
    hours, number = 0, draw(st.integers(1, 12))
    for _ in range(number):
        hours += draw(st.integers(1, 240))
        move = draw(st.sampled_from(_MOVES))
        _RECORDS.get(move, _record_step)(draw, told, hours, move)
    return told


def _record_appointment(draw: st.DrawFn, told: Story, hours: int, _: str) -> None:
    name = draw(st.sampled_from("ab"))
    said = [each.says for each in told.facts if each.source == f"Appointment/{name}"]
    if not said:
        told.appointment(hours, c.LIVE, name, start=hours + draw(st.integers(1, 300)))
    elif said[-1] == c.LIVE:
        told.appointment(hours, draw(st.sampled_from((c.CAME, c.NOT_ATTENDED))), name)


def _record_report(draw: st.DrawFn, told: Story, hours: int, _: str) -> None:
    name = draw(st.sampled_from("de"))
    said = [each.says for each in told.facts if each.source == f"DiagnosticReport/{name}"]
    if not said or said[-1] == c.PENDING:
        told.report(hours, draw(st.sampled_from((c.PENDING, c.RECEIVED))) if not said else c.RECEIVED, name)


def _record_status(draw: st.DrawFn, told: Story, hours: int, _: str) -> None:
    if [each.says for each in told.facts if each.kind == c.REQUEST] == ["active"]:
        told.request(hours, draw(st.sampled_from(("completed", "revoked"))))


def _record_closing(draw: st.DrawFn, told: Story, hours: int, _: str) -> None:
    reason = draw(st.sampled_from((None, "patient-choice")))
    moment = told.opened + timedelta(hours=hours)
    outcome = "no-cancer" if reason is None else None
    if not closing_faults(told.terms, episode_at(told.facts, moment), outcome, reason, None):
        told.add(hours, c.CLOSED, outcome=outcome, reason=reason)


def _record_step(_: st.DrawFn, told: Story, hours: int, step: str) -> None:
    moment = told.opened + timedelta(hours=hours)
    asked = StepAsked(
        step, moment, reason="patient-choice", note="said", triggers=("developed",) if step == c.SYMPTOMS else ()
    )
    if not step_faults(asked, told.terms, episode_at(told.facts, moment), moment):
        told.add(hours, step)


_RECORDS: dict[str, Callable[[st.DrawFn, Story, int, str], None]] = {
    c.APPOINTMENT: _record_appointment, c.REPORT: _record_report, c.REQUEST: _record_status,
    c.CLOSED: _record_closing,
}  # fmt: skip
