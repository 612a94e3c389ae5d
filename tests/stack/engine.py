"""A container engine and one stack on it: asked through Airflow's REST API, killed, restored."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ingest import settings

PROJECT = f"suhengtest{os.getpid()}"
SERVICES = ["postgres", "api-server", "scheduler", "dag-processor", "triggerer"]
BASE = "suheng-base:bookworm"
DATA = "/srv/suheng"


def run(*command: object, ok: bool = True, timeout: float = 900, **more: Any) -> str:
    """What a command prints, asserting its success (or failure, which it then tells)."""
    done = subprocess.run(
        [str(word) for word in command],
        cwd=settings.ROOT, check=False, capture_output=True, text=True, timeout=timeout, **more,
    )  # fmt: skip
    assert (done.returncode == 0) == ok, f"{command}: {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return (done.stdout if ok else done.stdout + done.stderr).strip()


def answers(*command: str, timeout: float = 60) -> bool:
    """Whether a command is there and succeeds."""
    try:
        return (
            shutil.which(command[0]) is not None
            and not subprocess.run(command, check=False, capture_output=True, timeout=timeout).returncode
        )
    except subprocess.TimeoutExpired:
        return False


def base_image() -> str:
    """What the images are built from: what is set, what is here, what can be had, else made of this machine."""
    official = "debian:bookworm-slim"
    if given := os.environ.get("SUHENG_BASE_IMAGE"):
        return given
    for image in (official, BASE):
        if answers("docker", "image", "inspect", image):
            return image
    if answers("docker", "pull", "--quiet", official, timeout=120):
        return official
    run("docker/base.sh", BASE)
    return BASE


def until(what: Callable[[], Any], seconds: float, told: Callable[[], object] = lambda: "") -> Any:
    """The first true answer; the api-server may be away meanwhile."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if answer := what():
                return answer
        except (OSError, AssertionError):
            pass
        time.sleep(0.5)
    raise AssertionError(f"not within {seconds} s: {told()}")


@dataclass
class Stack:
    """One stack of its own name, secrets and volumes."""

    secrets: Path
    compose_command: list[str]
    environment: dict[str, str]
    alerts: list[dict[str, str]]
    figures: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def compose(self, *words: object) -> str:
        return run(*self.compose_command, *words, env=self.environment)

    def script(self, name: str, *words: object, ok: bool = True) -> str:
        return run(settings.ROOT / "docker" / name, *words, ok=ok, env=self.environment)

    def containers(self) -> dict[str, str]:
        """Id by service, those that have ended too."""
        shown = '{{.Label "com.docker.compose.service"}} {{.ID}}'
        listed = run("docker", "ps", "-a", "--filter", f"label=com.docker.compose.project={PROJECT}", "--format", shown)
        return dict(line.split() for line in listed.splitlines())

    def inside(self, service: str, *command: object, **more: Any) -> str:
        """What a command prints in the container of a service."""
        return run("docker", "exec", "-i", self.containers()[service], *command, **more)

    def state(self, service: str, form: str) -> str:
        return run("docker", "inspect", "--format", form, self.containers()[service])

    def sql(self, statement: str, database: str = "suheng") -> str:
        return self.inside("postgres", "psql", "-U", "postgres", "-d", database, "-Atc", statement)

    def secret(self, name: str) -> str:
        return (self.secrets / name).read_text("ascii").strip()

    def start(self) -> float:
        """Everything, in the background; returns the seconds until all are healthy."""
        started = time.monotonic()
        self.compose("up", "-d")
        self.wait_healthy()
        return time.monotonic() - started

    def wait_healthy(self) -> None:
        def health() -> list[str]:
            return [self.state(service, "{{.State.Health.Status}}") for service in SERVICES]

        until(lambda: set(health()) == {"healthy"}, 300, lambda: self.compose("logs", "--tail=40"))

    def kill(self, *services: str) -> None:
        """kill -9 from outside, as the kernel does without memory; `docker kill` would count as stopped by hand."""
        processes = " ".join(self.state(service, "{{.State.Pid}}") for service in services)
        privileged = ["--pid", "host", "--user", "0", "--cap-add", "KILL"]
        run("docker", "run", "--rm", *privileged, self.environment["SUHENG_IMAGE"], "sh", "-c", f"kill -9 {processes}")

    def api(self, path: str, data: object = None, token: str | None = None, method: str | None = None) -> Any:
        """Airflow's REST API, at the port that it has since its last start; by default GET, with data POST."""
        address = run("docker", "port", self.containers()["api-server"], "8080").splitlines()[0]
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        body = None if data is None else json.dumps(data).encode()
        request = urllib.request.Request(f"http://{address}{path}", body, headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def runs(self, dag: str, path: str = "", data: object = None, method: str | None = None) -> Any:
        """The REST API on the runs of a DAG, as the first user; a token outlives the services."""
        if not self.token:
            who = {"username": "admin", "password": self.secret("admin_password")}
            self.token = self.api("/auth/token", who)["access_token"]
        return self.api(f"/api/v2/dags/{dag}/dagRuns{path}", data, self.token, method)

    def begin_night(self) -> str:
        return str(self.runs("nightly", "", {"logical_date": None})["dag_run_id"])

    def tasks(self, run: str, dag: str = "nightly") -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.runs(dag, f"/{run}/taskInstances?limit=100")["task_instances"]
        return found

    def wait_running(self, night: str, task: str) -> None:
        def is_running() -> bool:
            return any(t["task_id"] == task and t["state"] == "running" for t in self.tasks(night))

        until(is_running, 300, lambda: self.tasks(night))

    def wait_ended(self, dag: str, run: str) -> str:
        """'success' or 'failed', of which the tasks and the last errors are printed."""

        def ended() -> str:
            state = self.runs(dag, f"/{run}")["state"]
            return state if state in ("success", "failed") else ""

        state = str(until(ended, 600, lambda: self.tasks(run, dag)))
        if state == "failed":
            print([task for task in self.tasks(run, dag) if task["state"] == "failed"])
            errors = """grep -rhE '"level": ?"error"' /var/log/suheng | tail -n 20"""
            print(self.inside("scheduler", "sh", "-c", errors))
        return state

    def release(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.inside("scheduler", "cat", f"{DATA}/published/current/release.json"))
        return found
