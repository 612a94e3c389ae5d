"""Sign-off: who approved what, byte for byte, until when; what waits is seen in preview only."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime, timedelta

import duckdb
import pytest

from ingest import settings
from warehouse.releases import approval, channel
from warehouse.releases import publish as publication
from warehouse.releases.approval import NotApprovable
from warehouse.running import night


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=settings.SHANGHAI)


def run_in(name: str) -> str:
    """What a reader of a channel finds: the run that made it."""
    with duckdb.connect(str(settings.published() / name / "suheng.duckdb"), read_only=True) as con:
        ((run,),) = con.sql("select run from marts.release").fetchall()
    return run


@pytest.fixture
def held(lay, monkeypatch):
    """The version of run 1, which waits; run 0 is out."""
    lay(0)
    publication.publish("run 0")
    monkeypatch.setenv("SUHENG_REQUIRE_APPROVAL", "1")
    lay(1)
    return publication.publish("run 1")["version"]


def test_a_candidate_is_seen_in_preview_and_goes_out_when_it_is_approved(held):
    assert (run_in("current"), run_in("preview")) == ("run 0", "run 1")
    assert approval.promote() is None
    approval.decide(held, "approved", "张处长", "苏统函〔2026〕1号")
    release = approval.promote()
    assert (run_in("current"), run_in("preview")) == ("run 1", "run 1")
    with duckdb.connect(str(settings.published() / "current" / "suheng.duckdb"), read_only=True) as con:
        said = con.sql("select version, approved_by, content_hash from marts.release").fetchall()
    assert said == [(held, "张处长", release["content_hash"])]
    signoff = channel.current()["signoff"]
    assert (signoff["by"], signoff["note"], signoff["content_hash"]) == (
        "张处长",
        "苏统函〔2026〕1号",
        release["content_hash"],
    )
    assert approval.candidate() is None


@pytest.mark.parametrize(
    "file", ["suheng.duckdb", "quality.html", "data_docs/indicators.html", "release.json", "parquet/release.parquet"]
)
def test_an_approval_is_void_when_a_byte_changes(held, file):
    approval.decide(held, "approved", "张处长", "")
    path = settings.published() / "candidates" / held / file
    path.chmod(0o644)
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw if file != "release.json" else bytes(raw[:-1]) + b" }")
    with pytest.raises(NotApprovable, match="批准作废"):
        approval.promote()
    assert run_in("current") == "run 0"


def test_what_changed_since_its_audit_cannot_be_approved(held):
    path = settings.published() / "candidates" / held / "suheng.duckdb"
    path.chmod(0o644)
    with duckdb.connect(str(path)) as con:
        con.execute("update marts.indicator_values set value = 7")
    with pytest.raises(NotApprovable, match="与审核时不同"):
        approval.decide(held, "approved", "张处长", "")


def test_what_a_person_rejects_is_not_asked_again_and_what_lapses_is(held):
    inputs = approval.candidate().release["inputs_hash"]
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    channel_inputs = {channel.current()["inputs_hash"]}
    assert approval.settled() == {inputs} | channel_inputs
    # in lay() all builds are of the same inputs: tell them apart
    current = settings.published() / "current" / "release.json"
    current.chmod(0o644)
    current.write_text(json.dumps(channel.current() | {"inputs_hash": "older"}))
    assert approval.settled() == {inputs, "older"}
    assert approval.settled(tomorrow) == {"older"}
    approval.decide(held, "rejected", "张处长", "口径有误")
    assert approval.settled(tomorrow) == {inputs, "older"}
    assert approval.promote(tomorrow) is None
    assert run_in("current") == "run 0"
    with pytest.raises(NotApprovable, match="已由 张处长 退回"):
        approval.decide(held, "approved", "李处长", "")


def test_nobody_approves_after_the_next_night_has_begun(held):
    lapses = datetime.fromisoformat(approval.candidate().release["lapses_at"])
    assert lapses.astimezone(settings.SHANGHAI).timetz() == settings.NIGHT.replace(tzinfo=settings.SHANGHAI)
    with pytest.raises(NotApprovable, match="逾期"):
        approval.decide(held, "approved", "张处长", "", now=lapses)
    approval.decide(held, "approved", "张处长", "", now=lapses - timedelta(seconds=1))
    assert approval.promote(lapses)["version"] == held


def test_a_newer_candidate_takes_the_place_of_the_one_that_waits(held, lay):
    lay(2)
    newer = publication.publish("run 2")["version"]
    assert run_in("preview") == "run 2"
    with pytest.raises(NotApprovable, match=newer):
        approval.decide(held, "approved", "张处长", "")


@pytest.mark.parametrize(
    ("made", "over"),
    [("2026-11-25T02:40", "2026-11-25T10:00"), ("2026-11-25T10:00", "2026-11-26T10:00")],
)
def test_an_embargo_ends_at_the_next_time_that_the_clock_shows_it(monkeypatch, made, over):
    monkeypatch.setenv("SUHENG_EMBARGO", "10:00")
    assert publication.terms(at(made)) == {"lapses_at": None, "embargo_until": at(over).isoformat()}
    monkeypatch.setenv("SUHENG_REQUIRE_APPROVAL", "1")
    assert publication.terms(at("2026-11-25T02:40"))["lapses_at"] == at("2026-11-26T02:00").isoformat()


def test_under_an_embargo_even_what_is_approved_waits(held, lay, monkeypatch):
    monkeypatch.setenv("SUHENG_EMBARGO", "10:00")
    lay(2)
    version = publication.publish("run 2")["version"]
    over = datetime.fromisoformat(approval.candidate().release["embargo_until"])
    made = datetime.now(UTC)
    approval.decide(version, "approved", "张处长", "", now=made)
    assert approval.promote(over - timedelta(seconds=1)) is None
    assert run_in("current") == "run 0"
    approval.promote(over)
    assert run_in("current") == "run 2"


def test_a_withdrawn_version_gives_way_to_the_one_before_and_is_no_news(lay):
    lay(0)
    publication.publish("run 0")
    time.sleep(1)  # versions are named by the second
    lay(1)
    withdrawn = publication.publish("run 1")
    back = approval.rollback(None, "张处长", "口径有误")
    assert (back["run"], run_in("current"), run_in("preview")) == ("run 0", "run 0", "run 0")
    assert withdrawn["inputs_hash"] in approval.settled()
    assert [(d["version"], d["decision"], d["by"]) for d in approval.decisions()] == [
        (withdrawn["version"], "withdrawn", "张处长")
    ]
    with pytest.raises(NotApprovable, match="没有"):
        approval.rollback(None, "张处长", "")


@pytest.mark.parametrize(
    ("chosen", "user", "approved", "out"),
    [
        ("批准", {"name": "张处长"}, True, "run 1"),
        ("退回", {"name": "张处长"}, False, "run 0"),
        ("退回", None, False, "run 0"),
    ],
)
def test_airflows_answer_is_taken(held, chosen, user, approved, out):
    answer = {"chosen_options": [chosen], "params_input": {"note": "同意"}, "responded_by_user": user}
    assert night.decide(held, answer) is approved
    night.promote()
    assert run_in("current") == out
    assert len(approval.decisions()) == (user is not None)


@pytest.mark.parametrize(("name", "value"), [("SUHENG_REQUIRE_APPROVAL", "yes"), ("SUHENG_EMBARGO", "25:00")])
def test_a_setting_that_means_nothing_is_named(monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    with pytest.raises(ValueError, match=f"{name}.*{value}"):
        publication.terms(datetime.now(UTC))
