"""A delivery is there complete or not at all, whatever happens to the process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from desk import KEY, Desk, row

from ingest import settings
from ingest.landing.land import landing

KILLED = """
import os, signal, sys
from pathlib import Path
from ingest import intake
from ingest import settle
from ingest.landing import land, receipt
from ingest.promises.contract import read_contract
from ingest.landing.inbox import Drop

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

place, contract, file = sys.argv[1], read_contract(Path(sys.argv[2])), Path(sys.argv[3])
if place == "after the data":
    settle.check_thresholds = die
elif place == "after the receipt":
    land.sync = die
elif place == "in a refusal":
    receipt.shutil.copy2 = die
intake.take_in(Drop(file, contract, file.stat()), {contract.name: contract})
"""
HOLD = """
import sys
from pathlib import Path
from ingest.landing.land import landing
with landing(Path(sys.argv[1])) as draft:
    (draft / "by").write_text("the other")
    print(draft, flush=True)
    sys.stdin.readline()
"""


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_a_landing_appears_whole_and_leaves_no_draft(tmp_path: Path) -> None:
    target = tmp_path / "lake" / "d" / "delivery=1"
    with landing(target) as draft:
        (draft / "data").write_text("x")
        assert draft.parent == target.parent
        assert draft.name.startswith(".")
        assert not target.exists()
    assert names(target.parent) == ["delivery=1"]
    assert (target / "data").read_text() == "x"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit, OSError])
def test_work_that_raises_leaves_nothing_behind(tmp_path: Path, error: type[BaseException]) -> None:
    with pytest.raises(error), landing(tmp_path / "d" / "delivery=1") as draft:
        (draft / "data").write_text("half")
        raise error
    assert names(tmp_path / "d") == []


def test_the_draft_of_a_dead_process_is_swept_and_only_that(tmp_path: Path) -> None:
    for left in (".delivery=1.4711", ".delivery=10.4711"):
        (tmp_path / left).mkdir()
        (tmp_path / left / "data").write_text("half")
    with landing(tmp_path / "delivery=1"):
        pass
    assert names(tmp_path) == [".delivery=10.4711", "delivery=1"]


def test_two_processes_that_land_the_same_delivery_do_not_disturb_each_other(tmp_path: Path) -> None:
    target = tmp_path / "d" / "delivery=1"
    call = [sys.executable, "-c", HOLD, str(target)]
    with subprocess.Popen(call, cwd=settings.ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout
        theirs = Path(other.stdout.readline().strip())
        with landing(target) as draft:
            (draft / "by").write_text("us")
        assert (theirs / "by").read_text() == "the other"
        other.communicate("\n")
        assert other.returncode == 0
    assert (target / "by").read_text() == "us"
    assert names(target.parent) == ["delivery=1"]


def test_a_target_that_cannot_be_renamed_to_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="delivery=1"), landing(tmp_path / "d" / "delivery=1"):
        (tmp_path / "d" / "delivery=1").symlink_to("nowhere")
    assert names(tmp_path / "d") == ["delivery=1"]


@pytest.mark.parametrize("place", ["after the data", "after the receipt", "in a refusal"])
def test_a_killed_process_leaves_no_delivery_and_the_next_one_finishes_its_work(
    desk: Desk, place: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    from desk import PEOPLE

    contract = tmp_path_factory.mktemp("contracts") / "demo" / "people.yaml"
    contract.parent.mkdir()
    contract.write_text(PEOPLE, "utf-8")
    refused = place == "in a refusal"
    path = desk.write([] if refused else [row(n) for n in range(100)])
    call = [sys.executable, "-c", KILLED, place, str(contract), str(path)]
    environment = os.environ | {"SUHENG_DATA": str(desk.data), "SUHENG_PSEUDONYM_KEY": KEY}
    done = subprocess.run(call, cwd=settings.ROOT, env=environment, check=False, capture_output=True)
    assert done.returncode == -signal.SIGKILL, done.stderr.decode()
    assert list(desk.lake.glob("delivery=*")) == []
    assert len(list(desk.lake.iterdir())) == 1
    found = desk.take(path)
    assert found.outcome == ("refused" if refused else "landed")
    assert names(desk.lake) == [found.folder.name]
    assert names(found.folder) == (
        ["receipt.json", "rejects.parquet"] if refused else ["data.parquet", "receipt.json", "rejects.parquet"]
    )


@pytest.fixture
def nobody() -> Iterator[Path]:
    """A folder that we may enter and not write to, even when the tests run as root."""
    with tempfile.TemporaryDirectory(prefix="suheng-read-only-") as name:
        folder = Path(name)
        folder.chmod(0o555)
        is_root = os.geteuid() == 0
        if is_root:
            os.seteuid(65534)
        try:
            yield folder
        finally:
            if is_root:
                os.seteuid(0)
            folder.chmod(0o755)


def test_a_lake_that_is_read_only_is_named_in_the_error(nobody: Path) -> None:
    with pytest.raises(PermissionError, match=str(nobody / "lake")), landing(nobody / "lake" / "delivery=1"):
        raise AssertionError("nothing can be landed here")
    with pytest.raises(PermissionError, match=str(nobody)), landing(nobody / "delivery=1"):
        raise AssertionError("nothing can be landed here")
