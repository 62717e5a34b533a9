from __future__ import annotations

import pytest

from tandem.fhir.outcome import FhirError, Kind
from tandem.identity.caller import Caller
from tandem.identity.scopes import narrowed, parse_scopes, render_scopes, require_scope


def test_letters_are_read_for_a_type_and_for_all_types() -> None:
    scopes = parse_scopes("system/Task.cruds system/*.rs", person=False)
    assert scopes == {"Task": frozenset("cruds"), "*": frozenset("rs")}


def test_scopes_for_one_type_add_up() -> None:
    assert parse_scopes("system/Task.r system/Task.s", person=False) == {"Task": frozenset("rs")}


@pytest.mark.parametrize("scope", [
    "", "openid", "system/Task", "system/Task.", "system/Task.sr", "system/Task.cc", "system/Task.*",
    "system/Task.read",
    "system/task.r", "patient/Task.rs", "system/Task.rs?status=requested", "system/../Task.r", "SYSTEM/Task.r",
    "system/*.crudsx", "system/*.c,r",
])  # fmt: skip
def test_what_is_not_understood_allows_nothing(scope: str) -> None:
    assert parse_scopes(scope, person=True) == {}


def test_user_scopes_count_only_for_people() -> None:
    assert parse_scopes("user/Task.rs", person=True) == {"Task": frozenset("rs")}
    assert parse_scopes("user/Task.rs", person=False) == {}


def test_scopes_are_written_back_in_order() -> None:
    assert render_scopes(parse_scopes("system/Task.cruds system/*.rs", person=False)) == "system/*.rs system/Task.cruds"


@pytest.mark.parametrize(("asked", "allowed", "granted"), [
    ("system/*.cruds", "system/Task.rs", "system/Task.rs"),
    ("system/Task.cruds", "system/*.rs", "system/Task.rs"),
    ("system/Task.cruds system/*.r", "system/Task.cu system/*.rs", "system/*.r system/Task.crus"),
    ("system/Patient.r", "system/Task.cruds", ""),
    ("system/*.d", "system/*.rs", ""),
])  # fmt: skip
def test_a_grant_is_what_is_both_asked_for_and_allowed(asked: str, allowed: str, granted: str) -> None:
    both = narrowed(parse_scopes(asked, person=False), parse_scopes(allowed, person=False))
    assert render_scopes(both) == granted


def test_a_missing_scope_is_named() -> None:
    caller = Caller("A81001", {"Task": frozenset("r")})
    require_scope(caller, "Task", "r")
    with pytest.raises(FhirError) as refused:
        require_scope(caller, "Task", "ru")
    assert refused.value.kind is Kind.FORBIDDEN
    assert "system/Task.u" in refused.value.issues[0].text
