"""The policies of safety nets that the service ships with."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from importlib.resources import files

from referral_service.domain.safety_nets import net_policy
from referral_service.domain.safety_nets.net_policy import NetPolicy
from referral_service.domain.safety_nets.significant_event import EventPolicy, event_policy_of
from tandem.yaml_text import load_yaml


@lru_cache(maxsize=1)
def policies() -> tuple[NetPolicy, ...]:
    """The versions of `policies.yaml`."""
    path = files("referral_service.safety_nets") / "policies.yaml"
    return net_policy.policies_of(load_yaml(path.read_text(encoding="utf-8")))


def policy_on(day: date) -> NetPolicy | None:
    """The version in force for what is written on this day."""
    return net_policy.in_force(policies(), day)


def policy_named(version: str) -> NetPolicy:
    """The version of this name. Raises KeyError."""
    return {each.version: each for each in policies()}[version]


@lru_cache(maxsize=1)
def event_policies() -> tuple[EventPolicy, ...]:
    """The versions of `event_policies.yaml`, the first to begin first."""
    path = files("referral_service.safety_nets") / "event_policies.yaml"
    return tuple(map(event_policy_of, load_yaml(path.read_text(encoding="utf-8"))))


def event_policy_on(day: date) -> EventPolicy:
    """The version in force on a day; the first before it began."""
    begun = [each for each in event_policies() if each.first_day <= day]
    return begun[-1] if begun else event_policies()[0]
