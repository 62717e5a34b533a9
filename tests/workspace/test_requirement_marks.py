"""A run fails on a requirement mark that says more than one test can show, and records which test showed what."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

LOOPS = "asyncio_default_fixture_loop_scope = function\n"
CATALOGUE = """
- {id: AC-001, text: first}
- {id: AC-002, text: second}
- {id: PC-007, text: the first again, same_as: AC-001}
- {id: PC-008, text: and again, same_as: PC-007}
"""


@pytest.fixture
def project(pytester: pytest.Pytester, pytestconfig: pytest.Config) -> pytest.Pytester:
    """A project with a catalogue of four requirements, three of which say the same."""
    (pytester.path / "docs").mkdir()
    (pytester.path / "docs" / "requirements.yaml").write_text(CATALOGUE)
    plugins = pytestconfig.rootpath / "tests" / "plugins"
    pytester.makeini(f"[pytest]\nmarkers =\n  requirement(*ids): ids\ntestpaths = .\npythonpath = {plugins}\n" + LOOPS)
    names = ["tandem_tests.loud_skips", "tandem_tests.requirement_marks", "tandem_tests.results"]
    pytester.makeconftest(f"pytest_plugins = {names}")
    return pytester


def run(project: pytest.Pytester, body: str, *arguments: str) -> pytest.RunResult:
    project.makepyfile(test_it=f"import pytest\n{body}")
    return project.runpytest_inprocess("--results", "results.json", *arguments)


def shown(project: pytest.Pytester) -> dict[str, tuple[str, list[str]]]:
    tests = json.loads(Path(project.path, "results.json").read_text())["tests"]
    return {test["id"].partition("::")[2]: (test["outcome"], test["requirements"]) for test in tests}


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ('"AC-001", "AC-002"', "AC-001, AC-002 are not tied by same_as"),
        ('"AC-003"', "AC-003 is not in docs/requirements.yaml"),
        ("", "names no id"),
    ],
)
def test_a_wrong_mark_fails_the_run(project: pytest.Pytester, mark: str, said: str) -> None:
    result = run(project, f"@pytest.mark.requirement({mark})\ndef test_one(): pass")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert said in result.stderr.str() + result.stdout.str()


def test_ids_tied_by_same_as_may_stand_together(project: pytest.Pytester) -> None:
    result = run(project, '@pytest.mark.requirement("PC-008", "AC-001")\ndef test_one(): pass')
    result.assert_outcomes(passed=1)
    assert shown(project) == {"test_one": ("passed", ["AC-001", "PC-008"])}


@pytest.mark.parametrize("mark", ["", '"AC-001", "AC-002"'])
def test_a_case_counts_for_the_id_in_its_own_name(project: pytest.Pytester, mark: str) -> None:
    body = f"""
@pytest.mark.requirement({mark})
@pytest.mark.parametrize("requirement", ["AC-001", "AC-002"])
def test_one(requirement): assert requirement == "AC-001"
"""
    run(project, body).assert_outcomes(passed=1, failed=1)
    assert shown(project) == {
        "test_one[AC-001]": ("passed", ["AC-001"]),
        "test_one[AC-002]": ("failed", ["AC-002"]),
    }


def test_a_test_is_what_the_worst_of_its_phases_was(project: pytest.Pytester) -> None:
    body = """
@pytest.fixture
def broken_at_the_end():
    yield
    raise RuntimeError
def test_torn_down_badly(broken_at_the_end): pass
def test_skipped(): pytest.skip("no")
@pytest.mark.xfail(reason="not yet")
def test_expected_to_fail(): assert False
"""
    run(project, body)
    outcomes = {name: outcome for name, (outcome, _) in shown(project).items()}
    assert outcomes == {"test_torn_down_badly": "failed", "test_skipped": "skipped", "test_expected_to_fail": "skipped"}


@pytest.mark.parametrize(
    ("arguments", "complete"), [((), True), (("-k", "one"), False), (("test_it.py",), False), (("-x",), False)]
)
def test_only_a_run_of_everything_is_complete(
    project: pytest.Pytester, arguments: tuple[str, ...], complete: bool
) -> None:
    run(project, "def test_one(): assert False\ndef test_two(): pass", *arguments)
    assert json.loads(Path(project.path, "results.json").read_text())["complete"] is complete


def test_results_are_the_same_with_workers(project: pytest.Pytester) -> None:
    body = '@pytest.mark.requirement("AC-002")\ndef test_one(): pass'
    run(project, body, "-n", "2").assert_outcomes(passed=1)
    assert shown(project) == {"test_one": ("passed", ["AC-002"])}


LOUD = """
from tandem_tests.loud_skips import skip_loudly
def test_one(): skip_loudly("PostgreSQL", "nothing listens", service=True)
def test_two(): skip_loudly("test data", "no folder")
"""


def test_what_is_not_tested_is_said_at_the_end(project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TANDEM_REQUIRE_SERVICES", raising=False)
    result = run(project, LOUD)
    result.assert_outcomes(skipped=2)
    result.stdout.fnmatch_lines(["*NOT TESTED HERE*", "1 test skipped: PostgreSQL: nothing listens"])


def test_a_required_service_that_is_missing_is_a_failure(
    project: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TANDEM_REQUIRE_SERVICES", "1")
    run(project, LOUD).assert_outcomes(skipped=1, failed=1)
