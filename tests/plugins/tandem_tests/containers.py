"""PostgreSQL and RabbitMQ in containers, for a machine where Docker runs and nothing else listens."""

from __future__ import annotations

import subprocess

from tandem_tests.server import Server


def docker_runs() -> bool:
    """Whether a Docker engine answers."""
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=20, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def postgresql_in_container() -> Server:
    """Start the image `postgres:16`. Raises what Docker raises."""
    from testcontainers.community.postgres import PostgresContainer

    without_reaper()
    container = PostgresContainer("postgres:16", username="tandem", password="tandem", dbname="tandem", driver=None)
    container.start()
    return Server(container.get_connection_url(driver=None), "a container of postgres:16", container.stop)


def rabbitmq_in_container() -> Server:
    """Start the image `rabbitmq:3-management`. Raises what Docker raises."""
    from testcontainers.core.container import DockerContainer
    from testcontainers.core.wait_strategies import LogMessageWaitStrategy

    without_reaper()
    started = LogMessageWaitStrategy("Server startup complete").with_startup_timeout(120)
    container = DockerContainer("rabbitmq:3-management").with_exposed_ports(5672, 15672).waiting_for(started)
    container.start()
    host, port = container.get_container_host_ip(), container.get_exposed_port(5672)
    management = f"http://{host}:{container.get_exposed_port(15672)}"
    url = f"amqp://guest:guest@{host}:{port}/"
    return Server(url, "a container of rabbitmq:3-management", container.stop, management)


def without_reaper() -> None:
    """The run stops its containers itself, so the reaper's image, which may not be had, is not asked for."""
    from testcontainers.core.config import testcontainers_config

    testcontainers_config.ryuk_disabled = True
