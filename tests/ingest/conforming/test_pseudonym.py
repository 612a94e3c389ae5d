"""The pseudonym key: made once, for its owner alone, and never shown."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest import settings
from ingest.conforming.pseudonym import KeyUnusable, key_id, read_key

READ = """
import sys, time
from ingest.conforming.pseudonym import read_key
time.sleep(max(0, float(sys.argv[1]) - time.time()))
print(read_key())
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config" / "suheng" / "pseudonym.key"
    monkeypatch.delenv("SUHENG_PSEUDONYM_KEY", raising=False)
    monkeypatch.setenv("SUHENG_PSEUDONYM_KEY_FILE", str(path))
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_key_is_made_for_its_owner_alone_and_kept(file: Path) -> None:
    old = os.umask(0)
    try:
        key = read_key()
    finally:
        os.umask(old)
    assert re.fullmatch("[0-9a-f]{64}", key)
    assert (mode(file), mode(file.parent)) == (0o600, 0o700)
    assert file.read_text("ascii") == key + "\n"
    assert [p.name for p in file.parent.iterdir()] == ["pseudonym.key"]
    assert read_key() == key


def test_processes_that_race_make_one_key(file: Path) -> None:
    start = str(time.time() + 1.0)
    call = [sys.executable, "-c", READ, start]
    racers = [subprocess.Popen(call, cwd=settings.ROOT, stdout=subprocess.PIPE, text=True) for _ in range(6)]
    keys = {racer.communicate()[0].strip() for racer in racers}
    assert {racer.returncode for racer in racers} == {0}
    assert keys == {file.read_text("ascii").strip()}
    assert mode(file) == 0o600
    assert [p.name for p in file.parent.iterdir()] == ["pseudonym.key"]


def test_the_environment_comes_before_the_file(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SUHENG_PSEUDONYM_KEY", " " + "AB" * 40 + "\n")
    assert read_key() == "ab" * 40
    assert not file.exists()


def test_without_a_setting_the_key_lies_in_the_users_configuration(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SUHENG_PSEUDONYM_KEY_FILE")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    key = read_key()
    assert file.read_text("ascii").strip() == key


@pytest.mark.parametrize("wrong", ["", "5f" * 31, "5g" * 32, "secret", "5f" * 32 + " 5f", "密钥" * 32])
def test_a_wrong_key_is_refused_without_being_shown(file: Path, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file.parent.mkdir(parents=True)
    file.write_text(wrong, "utf-8")
    with pytest.raises(KeyUnusable, match="64") as refused:
        read_key()
    assert str(file) in str(refused.value)
    monkeypatch.setenv("SUHENG_PSEUDONYM_KEY", wrong)
    with pytest.raises(KeyUnusable, match="SUHENG_PSEUDONYM_KEY 应为") as refused_too:
        read_key()
    assert not wrong or wrong not in str(refused.value) + str(refused_too.value)
    assert file.read_text("utf-8") == wrong


def test_the_keys_name_tells_keys_apart_and_nothing_else() -> None:
    names = {key_id(f"{n:064x}") for n in range(100)}
    assert len(names) == 100
    assert all(re.fullmatch("[0-9a-f]{8}", name) for name in names)
    assert key_id("5f" * 32) == key_id("5f" * 32)
