"""The production stack, built from the tree, started with the tests' pseudonym key, filled with the sandbox."""

from __future__ import annotations

import os
from collections.abc import Iterator
from ipaddress import ip_network

import pytest
from endpoint import Endpoint
from engine import PROJECT, SERVICES, Stack, answers, base_image, run

KEY = "5f" * 32  # of the embedded night in tests/conftest.py, too


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    compose = next((c for c in (["docker", "compose"], ["docker-compose"]) if answers(*c, "version")), None)
    assert compose and answers("docker", "info"), "没有容器引擎应答，或没有 docker-compose (no engine, or no compose)"
    secrets = tmp_path_factory.mktemp("secrets")
    secrets.chmod(0o700)
    (secrets / "pseudonym_key").write_text(KEY)
    (secrets / "pseudonym_key").chmod(0o444)
    environment = {k: v for k, v in os.environ.items() if not k.startswith("SUHENG_")} | {
        "COMPOSE_PROJECT_NAME": PROJECT,
        "SUHENG_SECRETS": str(secrets),
        "SUHENG_IMAGE": "suheng:test",
        "SUHENG_POSTGRES_IMAGE": "suheng-postgres:test",
        "SUHENG_BASE_IMAGE": base_image(),
        "SUHENG_BIND": "127.0.0.1:0",
        "SUHENG_POSTGRES_BIND": "127.0.0.1:0",
    }
    bridge = run("docker", "network", "inspect", "bridge", "--format", "{{(index .IPAM.Config 0).Subnet}}")
    endpoint = Endpoint(str(ip_network(bridge)[1]))  # this machine, as the containers reach it
    (secrets / "alerts").write_text(endpoint.url)
    ours = Stack(secrets, compose, environment, endpoint.posts)
    ours.script("secrets.sh", secrets)
    try:
        run(*compose, "build", env=environment, timeout=1800)
        ours.figures["首次启动到全部健康"] = f"{ours.start():.0f} 秒"
        ours.figures |= idle_memory(ours)
        ours.inside("scheduler", "suheng", "simulate", "--scale", "0.001")
        yield ours
    finally:
        ours.compose("down", "-v", "--remove-orphans")
        endpoint.close()


def idle_memory(stack: Stack) -> dict[str, str]:
    """MB per service and in all, before the first night."""
    names = {identifier: service for service, identifier in stack.containers().items() if service in SERVICES}
    used = {}
    for line in run("docker", "stats", "--no-stream", "--format", "{{.ID}} {{.MemUsage}}", *names).splitlines():
        identifier, amount = line.split()[:2]
        assert amount.endswith("MiB"), line
        used[names[identifier]] = float(amount.removesuffix("MiB")) * 1.048576
    return {f"空闲内存 {service}": f"{used[service]:.0f} MB" for service in SERVICES} | {
        "空闲内存 合计": f"{sum(used.values()):.0f} MB"
    }
