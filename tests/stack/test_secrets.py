"""docker/secrets.sh makes what docker-compose.yml mounts, once."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml
from cryptography.fernet import Fernet

from ingest import settings
from ingest.conforming.pseudonym import read_key


def test_secrets_are_made_once_and_closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "secrets"
    (folder / "jwt_secret").mkdir(parents=True)  # as docker leaves it when a secret was missing
    (folder / "admin_password").write_text("chosen by the site")
    made = []
    for _ in range(2):
        subprocess.run([settings.ROOT / "docker" / "secrets.sh", folder], check=True)
        made.append({path.name: path.read_text("ascii").strip() for path in folder.iterdir()})
    assert made[0] == made[1]
    mounted = yaml.safe_load((settings.ROOT / "docker-compose.yml").read_text("utf-8"))["secrets"]
    assert made[0].keys() == mounted.keys()
    assert folder.stat().st_mode & 0o777 == 0o700
    assert made[0].pop("admin_password") == "chosen by the site"
    assert made[0].pop("alerts") == ""
    assert len(set(made[0].values())) == len(made[0]) == 7
    assert {len(value) for name, value in made[0].items() if name != "fernet_key"} == {64}
    Fernet(made[0]["fernet_key"])
    monkeypatch.delenv("SUHENG_PSEUDONYM_KEY", raising=False)
    monkeypatch.setenv("SUHENG_PSEUDONYM_KEY_FILE", str(folder / "pseudonym_key"))
    assert read_key() == made[0]["pseudonym_key"]
