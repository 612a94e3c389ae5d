"""Commands under other locales than those of a developer."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from ingest import settings


@pytest.mark.parametrize(
    "locale",
    [{"LC_ALL": "C"}, {"LANG": "zh_CN.GBK"}, {"PYTHONIOENCODING": "gbk"}, {"PYTHONUTF8": "0", "LC_ALL": "POSIX"}, {}],
    ids=str,
)
def test_a_command_runs_and_names_its_files_under_any_locale(tmp_path, locale):
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LC_", "LANG", "PYTHON"))}
    folder = tmp_path / "inbox" / "civil_affairs" / "cinerary_facilities"
    folder.mkdir(parents=True)
    (folder / "骨灰安放设施_2020年𬱖.csv").write_text("x", "utf-8")
    call = [sys.executable, "-m", "warehouse.cli", "ingest", "civil_affairs/cinerary_facilities"]
    environment = kept | locale | {"SUHENG_DATA": str(tmp_path)}
    done = subprocess.run(call, cwd=settings.ROOT, env=environment, check=False, capture_output=True)
    said = done.stdout.decode("gbk" if "PYTHONIOENCODING" in locale else "utf-8")
    assert done.returncode == 0, (done.stdout, done.stderr)
    assert "退回 1 个文件" in said
    assert "骨灰安放设施_2020年" in said
    receipts = list((tmp_path / "lake").rglob("receipt.json"))
    assert ["骨灰安放设施_2020年𬱖.csv" in path.read_text("utf-8") for path in receipts] == [True]
