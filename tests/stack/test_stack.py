"""What the stack promises: locked down, closed to strangers, hard to kill, restored from a backup, the same numbers."""

from __future__ import annotations

import json
import urllib.error
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from engine import DATA, SERVICES, Stack, run, until

if TYPE_CHECKING:
    from tests.conftest import Suheng

pytestmark = pytest.mark.docker


@pytest.fixture(scope="module")
def night(stack: Stack) -> str:
    """The first night, whose scheduler was killed during the build."""
    name = stack.begin_night()
    stack.wait_running(name, "build")
    until(lambda: "dbt.cli.main" in run("docker", "top", stack.containers()["scheduler"]), 60)
    stack.kill("scheduler")
    assert stack.wait_ended("nightly", name) == "success"
    return name


@pytest.mark.parametrize("service", SERVICES)
def test_a_service_can_change_nothing_but_its_volumes(stack: Stack, service: str) -> None:
    limits = stack.state(service, "{{.HostConfig.Memory}} {{.HostConfig.PidsLimit}}").split()
    assert all(int(limit) > 0 for limit in limits)
    assert stack.state(service, "{{.HostConfig.RestartPolicy.Name}}") == "unless-stopped"
    assert json.loads(stack.state(service, "{{json .HostConfig.LogConfig.Config}}")) == {
        "max-size": "10m",
        "max-file": "5",
    }
    processes = run("docker", "top", stack.containers()[service], "-o", "uid,pid,args").splitlines()[1:]
    assert {line.split()[0] for line in processes} == {"999" if service == "postgres" else "10001"}
    rights = stack.inside(service, "grep", "-E", "^(CapPrm|CapEff|CapBnd|NoNewPrivs):", "/proc/1/status").split()
    assert rights == ["CapPrm:", "0" * 16, "CapEff:", "0" * 16, "CapBnd:", "0" * 16, "NoNewPrivs:", "1"]
    assert "Read-only file system" in stack.inside(service, "touch", "/opt/x", ok=False)


def test_ports_are_bound_to_this_machine_unless_a_site_decides_otherwise(stack: Stack) -> None:
    kept = {name: value for name, value in stack.environment.items() if not name.endswith("BIND")}
    services = yaml.safe_load(run(*stack.compose_command, "config", env=kept))["services"]
    ports = {name: str(service["ports"]) for name, service in services.items() if "ports" in service}
    assert ports.keys() == {"api-server", "postgres"}
    assert all("127.0.0.1" in said for said in ports.values())


def test_nobody_enters_airflow_without_the_password(stack: Stack) -> None:
    attempts: list[tuple[str, Any, str | None]] = [
        ("/api/v2/dags", None, None),
        ("/api/v2/connections", None, "nonsense"),
        ("/api/v2/dags/nightly/dagRuns", {"logical_date": None}, None),
        ("/auth/token", {"username": "admin", "password": "admin"}, None),
        ("/auth/token", {"username": "admin", "password": ""}, None),
    ]
    for path, data, token in attempts:
        with pytest.raises(urllib.error.HTTPError) as refused:
            stack.api(path, data, token)
        assert refused.value.code in (400, 401, 403), path
    assert stack.runs("nightly")["dag_runs"] == []  # nor does a new stack begin by itself, with an empty inbox


def connect(stack: Stack, role: str, database: str, sql: str, password: str, ok: bool = True) -> str:
    """psql over the network, as a BI tool comes in."""
    words = ["psql", "-h", "postgres", "-U", role, "-d", database, "-v", "ON_ERROR_STOP=1", "-Atc", sql]
    return stack.inside("postgres", "env", f"PGPASSWORD={password}", *words, ok=ok)


def test_nobody_enters_the_databases_without_the_password(stack: Stack) -> None:
    for role in ("postgres", "airflow", "suheng", "suheng_reader"):
        for password in ("", "postgres", role):
            told = connect(stack, role, "suheng", "select 1", password, ok=False)
            assert "password" in told, told
    assert connect(stack, "suheng", "suheng", "select 1", stack.secret("suheng_db_password")) == "1"


def test_the_reader_reads_what_is_granted_and_nothing_else(stack: Stack) -> None:
    owner, reader = stack.secret("suheng_db_password"), stack.secret("suheng_reader_password")
    made = "create schema trial; create table trial.shown as select 7 as n; create table trial.hidden as select 8 as n;"
    granted = "grant usage on schema trial to suheng_reader; grant select on trial.shown to suheng_reader"
    connect(stack, "suheng", "suheng", made + granted, owner)
    assert connect(stack, "suheng_reader", "suheng", "select n from trial.shown", reader) == "7"
    writable = "set default_transaction_read_only = off; set transaction read write; "
    for sql in (
        "select n from trial.hidden",
        writable + "insert into trial.shown values (9)",
        writable + "create table trial.mine (n int)",
        writable + "create table public.mine (n int)",
        writable + "create temporary table mine (n int)",
        writable + "create schema mine",
        "select * from pg_authid",
        "select pg_read_file('/run/secrets/suheng_db_password')",
        "copy (select 1) to program 'true'",
        "set role suheng",
    ):
        told = connect(stack, "suheng_reader", "suheng", sql, reader, ok=False)
        assert "permission denied" in told or "must be superuser" in told, told
    for database in ("airflow", "postgres", "template1"):
        assert "denied" in connect(stack, "suheng_reader", database, "select 1", reader, ok=False)
    connect(stack, "suheng", "suheng", "drop schema trial cascade", owner)


def test_a_night_whose_scheduler_was_killed_during_the_build_ends_well(stack: Stack, night: str) -> None:
    tries = {task["task_id"]: task["try_number"] for task in stack.tasks(night)}
    assert (tries["build"], tries["audit"], tries["publish"]) == (2, 1, 1)
    assert stack.state("scheduler", "{{.RestartCount}}") == "1"


def test_the_stack_computes_what_the_embedded_night_computes(stack: Stack, night: str, refreshed: Suheng) -> None:
    embedded = json.loads((refreshed.data / "published" / "current" / "release.json").read_text())
    release = stack.release()
    assert release["content_hash"] == embedded["content_hash"]
    assert release["inputs_hash"] == embedded["inputs_hash"]


def test_the_reader_finds_the_publication_in_the_serving_copy(stack: Stack, night: str) -> None:
    release = stack.release()
    reader = stack.secret("suheng_reader_password")
    served = "select version, content_hash, is_simulated from marts.release"
    expected = f"{release['version']}|{release['content_hash']}|t"
    assert connect(stack, "suheng_reader", "suheng", served, reader) == expected
    count = "select count(*) from indicator_values"
    counted = json.loads(stack.inside("scheduler", "suheng", "query", count, "--format", "json"))
    here = connect(stack, "suheng_reader", "suheng", "select count(*) from marts.indicator_values", reader)
    assert [list(row.values()) for row in counted] == [[int(here)]]


def test_a_year_that_was_sent_again_is_taken_in_when_it_is_backfilled_and_a_night_publishes_it(
    stack: Stack, night: str
) -> None:
    before = stack.release()
    dataset = "education/graduate_exits"
    stack.inside("scheduler", "sh", "-c", f"echo | tee -a {DATA}/inbox/{dataset}/离校人员_2020年*")  # a blank line
    year = ("--from-date", "2020-01-01", "--to-date", "2020-12-31")
    stack.inside("scheduler", "airflow", "backfill", "create", "--dag-id", "history", *year)
    (history,) = (run["dag_run_id"] for run in until(lambda: stack.runs("history")["dag_runs"], 60))
    assert stack.wait_ended("history", history) == "success"
    found = stack.tasks(history, "history")
    (index,) = (task["map_index"] for task in found if task["rendered_map_index"] == dataset)
    entry = f"/{history}/taskInstances/ingest/xcomEntries/return_value?map_index={index}&deserialize=true"
    taken = stack.runs("history", entry)["value"]
    assert (taken["landed"], taken["unchanged"], taken["rows"] > 0) == (1, 0, True)  # nothing of other years
    (called,) = {run["dag_run_id"] for run in stack.runs("nightly")["dag_runs"]} - {night}
    assert stack.wait_ended("nightly", called) == "success"
    assert stack.release()["version"] > before["version"]
    assert len(stack.runs("history")["dag_runs"]) == 1  # it does not run by itself


def test_a_candidate_waits_for_its_sign_off_and_a_night_survives_a_kill_of_everything(stack: Stack, night: str) -> None:
    before = stack.release()
    stack.inside("scheduler", "rm", f"{DATA}/published/current")  # as if this night were the first
    stack.environment["SUHENG_REQUIRE_APPROVAL"] = "1"
    stack.compose("up", "-d", "scheduler")
    second = stack.begin_night()
    stack.wait_running(second, "ingest")
    stack.kill(*SERVICES)
    stack.wait_healthy()
    assert stack.wait_ended("nightly", second) == "success"
    assert [stack.state(service, "{{.RestartCount}}") for service in SERVICES] == ["1"] * 5
    stack.inside("scheduler", "ls", f"{DATA}/published/current", ok=False)

    (approval,) = (run["dag_run_id"] for run in until(lambda: stack.runs("approval")["dag_runs"], 60))
    sign_off = f"/{approval}/taskInstances/sign_off/-1"
    answer = {"chosen_options": ["批准"], "params_input": {"note": "模拟数据，苏统函〔2026〕1号"}}

    def is_answered() -> bool:
        """Answer whenever asked: an answer within the second in which the scheduler parks the task is taken by it
        for a task that ended without its knowledge, and it asks once more (as its retries allow)."""
        state = stack.runs("approval", sign_off)["state"]
        if state == "awaiting_input":
            stack.runs("approval", f"{sign_off}/hitlDetails", answer, "PATCH")
        return bool(state == "success")

    until(is_answered, 120, lambda: stack.runs("approval", f"/{approval}/taskInstances"))
    assert stack.wait_ended("approval", approval) == "success"
    after = stack.release()
    assert after["content_hash"] == before["content_hash"]
    assert after["version"] > before["version"]
    assert (after["approved_by"], after["signoff"]["note"]) == ("admin", "模拟数据，苏统函〔2026〕1号")
    assert stack.sql("select version, approved_by from marts.release") == f"{after['version']}|admin"


def test_who_must_know_is_told_once(stack: Stack, night: str) -> None:
    (alert,) = stack.alerts
    assert alert["title"].startswith("【模拟数据】苏衡告警")
    assert "省民政厅《上门养老服务记录》：2026-01（应于2026-02-20交）" in alert["message"]


def test_no_secret_is_seen_in_settings_logs_or_data(stack: Stack, night: str) -> None:
    secrets = [found for path in stack.secrets.iterdir() if (found := path.read_text("ascii").strip())]
    assert len(secrets) == 9
    shown = f"SUHENG_DATA={DATA}"  # no secret: it shows that the search finds
    search = "grep -raFohf - /var/log/suheng $SUHENG_DATA /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2>/dev/null; true"
    found = [stack.inside(service, "sh", "-c", search, input="\n".join([*secrets, shown])) for service in SERVICES[1:]]
    assert all(shown in text for text in found)
    for container in stack.containers().values():
        found += [run("docker", "inspect", container), run("sh", "-c", f"docker logs {container} 2>&1")]
    found.append(run("docker", "history", "--no-trunc", stack.environment["SUHENG_IMAGE"]))
    found.append(stack.inside("postgres", "pg_dump", "-U", "postgres", "airflow"))
    assert [secret for secret in secrets if any(secret in text for text in found)] == []


def test_a_backup_restores_an_empty_stack(stack: Stack, night: str, tmp_path: Path) -> None:
    backup = tmp_path / "backup"
    release = stack.release()
    times = "cd $SUHENG_DATA && find inbox lake -type f -printf '%P %T@\\n' | sort"
    files = stack.inside("scheduler", "sh", "-c", times)
    stack.sql("create schema trial; create table trial.shown as select 7 as n; alter table trial.shown owner to suheng")
    stack.script("backup.sh", backup)
    assert "恢复到空的卷" in stack.script("restore.sh", backup, ok=False)
    assert {oct(path.stat().st_mode & 0o077) for path in (backup, *backup.iterdir())} == {"0o0"}

    stack.compose("down", "-v")
    stack.script("restore.sh", backup)
    stack.wait_healthy()
    assert stack.release() == release
    assert stack.inside("scheduler", "sh", "-c", times) == files
    assert stack.sql("select n, tableowner from trial.shown, pg_tables where tablename = 'shown'") == "7|suheng"
    nights = {run["dag_run_id"]: run["state"] for run in stack.runs("nightly")["dag_runs"]}
    assert night in nights
    assert set(nights.values()) == {"success"}
    recomputed = (
        "from pathlib import Path; from warehouse import fingerprint, night;"
        f"print(fingerprint.content_hash(Path('{DATA}/published/current/suheng.duckdb')), night.has_news())"
    )
    assert stack.inside("scheduler", "python", "-c", recomputed) == f"{release['content_hash']} False"


def test_the_figures_are_told(stack: Stack, night: str, record_testsuite_property: Any) -> None:
    for name, figure in stack.figures.items():
        record_testsuite_property(name, figure)
