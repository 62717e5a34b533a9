"""Which form of the system a journey runs on, and which worker runs it."""

from __future__ import annotations

from pathlib import Path

import pytest

import tandem_tests

PLUGINS = ("-p", "tandem_tests.journey_forms", "-p", "tandem_tests.distribution")
SYSTEM = """
    import os
    import pytest

    @pytest.fixture(scope="session")
    def embedded(request):
        return getattr(request, "param", "one process")

    @pytest.fixture(scope="module")
    def shared(embedded):
        return embedded

    @pytest.fixture
    def here(embedded, request, pytestconfig):
        with open(pytestconfig.rootpath / "told.txt", "a") as told:
            worker = os.environ.get("PYTEST_XDIST_WORKER", "")
            told.write(f"{worker}|{request.node.path.name}|{request.node.name}|{embedded}\\n")
"""
JOURNEYS = """
    import pytest

    @pytest.mark.on_six_processes
    def test_both(here): ...

    def test_one(here, shared):
        assert shared == "one process"

    @pytest.mark.on_six_processes
    @pytest.mark.parametrize("number", [1, 2])
    def test_cases(here, number): ...
"""


@pytest.fixture
def told(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    monkeypatch.setenv("PYTHONPATH", str(Path(tandem_tests.__file__).parents[1]))
    pytester.makeini("[pytest]\nmarkers =\n  on_six_processes: both\n")
    pytester.makeconftest(SYSTEM)
    pytester.makepyfile(test_first=JOURNEYS, test_second=JOURNEYS)
    return pytester


def lines(pytester: pytest.Pytester) -> list[tuple[str, str, str, str]]:
    """Worker, file, test and form of each test that ran."""
    text = (pytester.path / "told.txt").read_text()
    return [tuple(line.split("|")) for line in text.splitlines()]  # type: ignore[misc]


def test_a_marked_journey_runs_on_both_forms_and_others_on_one(told: pytest.Pytester) -> None:
    told.runpytest_subprocess(*PLUGINS, "-n", "0", "test_first.py").assert_outcomes(passed=7)
    forms = [(name.partition("[")[0], form) for _, _, name, form in lines(told)]
    both = [("test_both", "one process"), ("test_both", "six processes")]
    cases = [("test_cases", form) for form in ("one process", "six processes")]
    assert forms[:3] == [*both, ("test_one", "one process")], "in the order of the file"
    assert sorted(forms[3:]) == sorted(cases * 2)


def test_all_journeys_can_be_asked_to_run_on_six(told: pytest.Pytester) -> None:
    arguments = ("--journeys-on", "six-processes", "-k", "not test_one", "-n", "0", "test_first.py")
    told.runpytest_subprocess(*PLUGINS, *arguments).assert_outcomes(passed=3, deselected=1)
    assert {form for *_, form in lines(told)} == {"six processes"}


def test_a_file_has_one_worker_and_six_processes_are_started_by_one(told: pytest.Pytester) -> None:
    told.runpytest_subprocess(*PLUGINS, "-n", "2").assert_outcomes(passed=14)
    workers: dict[str, set[str]] = {}
    for worker, file, _, form in lines(told):
        workers.setdefault(form if form == "six processes" else file, set()).add(worker)
    assert {name: len(those) for name, those in workers.items()} == {
        "six processes": 1, "test_first.py": 1, "test_second.py": 1,
    }  # fmt: skip
