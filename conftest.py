"""The fixtures and reports that every test of the workspace may use; they stand in tests/plugins."""

from __future__ import annotations

# a plugin stands after those it imports, so that pytest can rewrite the assertions of each
pytest_plugins = [
    "pytester",
    "tandem_tests.loud_skips",
    "tandem_tests.requirement_marks",
    "tandem_tests.results",
    "tandem_tests.memory_folder",
    "tandem_tests.servers",
    "tandem_tests.databases",
    "tandem_tests.prepared_databases",
    "tandem_tests.kernel_tables",
    "tandem_tests.private_postgresql",
    "tandem_tests.private_rabbitmq",
    "tandem_tests.brokers",
    "tandem_tests.services_of_a_test",
    "tandem_tests.faulty_tandem",
    "tandem_tests.replicas",
    "tandem_tests.shared_data",
    "tandem_tests.journey_forms",
    "tandem_tests.distribution",
]
