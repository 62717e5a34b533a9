"""Links of the documents lead somewhere, and the commands of the runbook exist."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tandem_tests.documents import (
    ROOT,
    anchors,
    broken_links,
    command_lines,
    containers_named,
    documents,
    fault_of,
)

RUNBOOK = sorted((ROOT / "docs" / "operations").glob("*.md"))


def test_links_lead_somewhere() -> None:
    assert {str(page.relative_to(ROOT)): broken for page in documents() if (broken := broken_links(page))} == {}


@pytest.mark.parametrize("page", RUNBOOK, ids=lambda page: page.stem)
def test_commands_exist_with_their_options(page: Path) -> None:
    assert [f"tandem {' '.join(words)}: {fault}" for words in command_lines(page) if (fault := fault_of(words))] == []


def test_containers_of_commands_are_those_of_compose() -> None:
    known = set(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])
    pages = {page.name: containers_named(page) for page in [*RUNBOOK, ROOT / "docs" / "containers.md"]}
    assert {name: named - known for name, named in pages.items() if named - known} == {}
    assert any(pages.values())


def test_the_index_names_every_page_of_the_runbook() -> None:
    index = (ROOT / "docs" / "operations" / "README.md").read_text()
    assert [page.name for page in RUNBOOK if page.name not in index and page.name != "README.md"] == []


def test_what_is_wrong_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One *heading*, of two\n\n[here](#one-heading-of-two) [gone](gone.md) [no such](#two) [away](https://a.example)\n"
        "`kubectl --namespace tandem get pods` and `tandem token --data DIR --organisation A81001`\n\n"
        "```sh\ntandem events \\\n  dead-letters list --all  # tandem nothing\nTOKEN=$(.venv/bin/tandem tokens)\n```\n"
    )
    assert anchors(page) == {"one-heading-of-two"}
    assert broken_links(page) == ["gone.md", "#two"]
    faults = [fault_of(words) for words in command_lines(page)]
    assert [fault is None for fault in faults] == [False, False, False]
    assert "no option --organisation" in str(faults)
    assert "no option --all" in str(faults)
    assert "no command tokens" in str(faults)


def test_what_is_right_is_let_through() -> None:
    assert fault_of(["serve", "--data", "/tmp/tandem", "--port", "8000"]) is None
    assert fault_of(["events", "dead-letters", "replay", "--service", "mdt-service", "--all"]) is None
