"""Alerts by real apprise over real sockets: a local SMTP server, a local HTTP endpoint."""

from __future__ import annotations

import email
import json
import socket
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header

import pytest
from aiosmtpd.controller import Controller
from endpoint import Endpoint
from rich.console import Console

from ingest import settings
from ingest.conforming.pseudonym import KeyUnusable
from ingest.promises.contract import read_contracts
from warehouse.building.build import facts_file, read_facts, write_facts
from warehouse.running import night
from warehouse.watching import alerts, service, status

MONTHLY, BY_CITY, YEARLY = (
    "civil_affairs/homecare_services",
    "civil_affairs/children_in_difficulty",
    "education/kindergarten_census",
)
NOW = datetime(2021, 3, 25, 7, tzinfo=settings.SHANGHAI)
REFUSED = "省教育厅《幼儿园基层统计》文件 幼儿园基层统计_2020学年.csv 已退回：表头不符。请按契约的表头重新导出。"


@pytest.fixture(autouse=True)
def lake(tmp_path, monkeypatch):
    """A lake of three datasets, of which all that is due on 25 March 2021 has come in time; a night that ended well."""
    monkeypatch.setenv("SUHENG_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("SUHENG_ALERTS_FILE", raising=False)
    contracts = {name: read_contracts()[name] for name in (MONTHLY, BY_CITY, YEARLY)}
    monkeypatch.setattr(service, "read_contracts", lambda: contracts)

    def land(name: str, period: str, received: str, scope: str = "320000", **facts: object) -> str:
        department, dataset = name.split("/")
        facts = {
            "delivery_id": f"{dataset}-{period}-{scope}-{received}",
            "department": department,
            "dataset": dataset,
            "period": period,
            "scope": scope,
            "received_at": f"{received}T01:00:00+00:00",
            "due_date": contracts[name].due_date(service.Period.read(period)).isoformat(),
            "outcome": "landed",
            "is_simulated": False,
        } | facts
        folder = tmp_path / "data" / "lake" / name / f"delivery={facts['delivery_id']}"
        folder.mkdir(parents=True)
        (folder / "receipt.json").write_text(json.dumps(facts, ensure_ascii=False), "utf-8")
        return str(facts["delivery_id"])

    for month in range(1, 13):
        land(MONTHLY, f"2020-{month:02}", f"2020-{month:02}-28")  # early, which is in time
    for month in (1, 2):
        land(MONTHLY, f"2021-{month:02}", f"2021-{month:02}-28")
    for city in range(1, 14):
        land(BY_CITY, "2020", "2021-02-20", f"32{city:02}00")
    land(YEARLY, "2020", "2021-03-01")
    end_night()
    return land


def end_night(ended: datetime = NOW, failed: dict[str, str] | None = None) -> None:
    write_facts("night", {"run": "r", "ended_at": ended.isoformat(), "failed": failed or {}, "blocked": []})


class Mailbox:
    """An SMTP server on this machine that keeps its mail as (title, text)."""

    def __init__(self) -> None:
        self.mail: list[tuple[str, str]] = []
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.controller = Controller(self, hostname="127.0.0.1", port=port)
        self.url = f"mailto://127.0.0.1:{port}/?from=suheng@example.org&to=duty@example.org&format=text"

    async def handle_DATA(self, server: object, session: object, envelope) -> str:
        message = email.message_from_bytes(envelope.content)
        (text,) = (part for part in message.walk() if part.get_content_type() == "text/plain")
        title = str(make_header(decode_header(message["Subject"])))
        self.mail.append((title, text.get_payload(decode=True).decode()))
        return "250 OK"


@pytest.fixture
def endpoint(tmp_path, monkeypatch):
    endpoint = Endpoint()
    listed(tmp_path, monkeypatch, endpoint.url)
    yield endpoint
    endpoint.close()


@pytest.fixture
def mailbox():
    mailbox = Mailbox()
    mailbox.controller.start()
    yield mailbox
    mailbox.controller.stop()


def listed(tmp_path, monkeypatch, *urls: str) -> None:
    file = tmp_path / "alerts.txt"
    file.write_text("\n".join(["# 值班", "", *urls, ""]), "utf-8")
    monkeypatch.setenv("SUHENG_ALERTS_FILE", str(file))


def test_all_that_is_wrong_comes_in_one_digest_by_mail_and_over_http(lake, tmp_path, monkeypatch, endpoint, mailbox):
    listed(tmp_path, monkeypatch, endpoint.url, mailbox.url)
    later = datetime(2022, 3, 25, 7, tzinfo=settings.SHANGHAI)
    for city in range(1, 13):
        lake(BY_CITY, "2021", "2022-02-20", f"32{city:02}00")
    message = {"outcome": "refused", "reason": "header_mismatch", "message_zh": REFUSED}
    lake(YEARLY, "2021", "2022-03-01", **message)
    for month in range(3, 13):
        if month not in (5, 6):
            lake(MONTHLY, f"2021-{month:02}", f"2021-{month:02}-28")
    lake(MONTHLY, "2022-01", "2022-02-28")  # late, but there
    lake(MONTHLY, "2022-02", "2022-03-01")
    end_night(later - timedelta(days=1), {"入库 education/kindergarten_census": "OSError", "建库": "OSError"})
    write_facts("audit", {"blocked": ["indicator_values/key", "unheard_of"]})
    assert alerts.send(later) == {"addresses": 2, "told": 2, "failed": 0}
    title = "苏衡告警 2022-03-25：新增 9 项，恢复 0 项"
    # due on 31 March 2022: the kindergartens are refused, not overdue
    text = f"""\
【运行失败】
· OSError：任务“入库 education/kindergarten_census”、任务“建库”

【没有按时运行】
· 夜间任务到期没有运行到结束：最近一次结束于 2022-03-24 07:00

【审核未通过，没有发布】
· 指标值的键（指标、地区、时期、口径、分组）不重复：indicator_values/key
· unheard_of：unheard_of

【退回】
· {REFUSED}（应于2022-03-31交）

【逾期未交】
· 省民政厅《困境儿童登记》：2021 321300（应于2022-03-01交）
· 省民政厅《上门养老服务记录》：2021-05（应于2021-06-20交）、2021-06（应于2021-07-20交）"""
    (post,) = endpoint.posts
    assert (post["title"], post["message"].strip()) == (title, text)
    ((subject, mail),) = mailbox.mail
    assert (subject, mail.strip().replace("\r\n", "\n")) == (title, text)


def test_many_refusals_of_one_kind_are_one_line_with_their_count_and_the_first_names(lake, endpoint, capsys):
    for month, reason in [*((month, "packed") for month in range(1, 10)), (10, "cut_off"), (11, "cut_off")]:
        file = f"上门养老服务记录_2019年{month:02}月.csv"
        said = {"reason": reason, "source_file": file, "message_zh": f"文件 {file} 已退回"}
        lake(MONTHLY, f"2019-{month:02}", f"2020-03-{month:02}", outcome="refused", due_date=None, **said)
    many = (
        "省民政厅《上门养老服务记录》的文件退回（请按规则命名，不要压缩，重新报送）：上门养老服务记录_2019年01月.csv、"
        "上门养老服务记录_2019年02月.csv、上门养老服务记录_2019年03月.csv、上门养老服务记录_2019年04月.csv等9项"
    )
    few = [f"文件 上门养老服务记录_2019年{month}月.csv 已退回" for month in (10, 11)]
    assert alerts.send(NOW)["told"] == 1
    (post,) = endpoint.posts
    assert post["message"].strip().splitlines() == ["【退回】", f"· {many}", *(f"· {said}" for said in few)]
    status.show(Console(width=500))
    assert [said for said in capsys.readouterr().out.splitlines() if said.startswith("退回")] == [
        f"退回 {said}" for said in (many, *few)
    ]


def test_what_was_told_is_not_told_again_until_it_changes_or_recovers(lake, endpoint):
    assert alerts.send(NOW)["told"] == 0
    assert endpoint.posts == []
    end_night(failed={"建库": "磁盘已满"})
    assert alerts.send(NOW)["told"] == 1
    assert alerts.send(NOW + timedelta(hours=1))["told"] == 0
    end_night(failed={"建库": "磁盘是只读的"})
    alerts.send(NOW)
    assert [post["message"].splitlines()[:2] for post in endpoint.posts] == [
        ["【运行失败】", "· 磁盘已满：任务“建库”"],
        ["【运行失败】", "· 磁盘是只读的：任务“建库”"],
    ]
    end_night()
    assert [alerts.send(NOW)["told"] for _ in range(2)] == [1, 0]
    assert endpoint.posts[2]["title"] == "苏衡告警 2021-03-25：新增 0 项，恢复 1 项"
    assert endpoint.posts[2]["message"].split() == ["【已恢复】", "·", "磁盘是只读的：任务“建库”"]


def test_a_department_is_told_once_of_what_it_owes_and_once_that_it_came(lake, endpoint):
    due = datetime(2021, 4, 20, 23, 59, tzinfo=settings.SHANGHAI)  # March is due on 20 April
    end_night(due)
    assert alerts.send(due)["told"] == 0
    for minutes in (1, 1440):
        end_night(due + timedelta(minutes=minutes))
        alerts.send(due + timedelta(minutes=minutes))
    assert [post["message"].splitlines()[1:] for post in endpoint.posts] == [
        [
            "· 省民政厅《上门养老服务记录》：2021-03（应于2021-04-20交）",
        ]
    ]
    # refused is not come: it stays owed, and the refusal is new
    lake(MONTHLY, "2021-03", "2021-04-22", outcome="refused", message_zh="已退回：只有3行。")
    end_night(due + timedelta(days=2))
    alerts.send(due + timedelta(days=2))
    assert endpoint.posts[1]["message"].splitlines() == [
        "【退回】",
        "· 已退回：只有3行。（应于2021-04-20交）",
        "",
        "另有 1 项此前已告知，尚未解决；运行 suheng status 查看。",
    ]
    lake(MONTHLY, "2021-03", "2021-04-23")
    end_night(due + timedelta(days=3))
    alerts.send(due + timedelta(days=3))
    assert endpoint.posts[2]["title"].endswith("新增 0 项，恢复 2 项")
    assert len(endpoint.posts) == 3


def test_what_a_server_did_not_take_is_sent_again_and_only_there(lake, tmp_path, monkeypatch, endpoint, capsys):
    other = Endpoint()
    listed(tmp_path, monkeypatch, endpoint.url, other.url)
    other.is_down = True
    end_night(failed={"建库": "磁盘已满"})
    assert alerts.send(NOW) == {"addresses": 2, "told": 1, "failed": 1}
    assert "没有送到第 2 个地址" in capsys.readouterr().out
    other.close()  # now nobody listens at all
    assert alerts.send(NOW) == {"addresses": 2, "told": 0, "failed": 1}
    listed(tmp_path, monkeypatch, endpoint.url, (third := Endpoint()).url)
    assert alerts.send(NOW) == {"addresses": 2, "told": 1, "failed": 0}
    assert [len(e.posts) for e in (endpoint, other, third)] == [1, 0, 1]
    third.close()


def test_an_address_that_is_none_fails_without_telling_its_secret(
    lake, tmp_path, monkeypatch, endpoint, capsys, caplog
):
    listed(tmp_path, monkeypatch, "wecombot//s3cret-key", "nosuch://s3cret-key", endpoint.url)
    end_night(failed={"建库": "磁盘已满"})
    assert alerts.send(NOW) == {"addresses": 3, "told": 1, "failed": 2}
    said = capsys.readouterr()
    assert "第 1 个地址" in said.out
    assert "s3cret" not in said.out + said.err + caplog.text
    assert "s3cret" not in facts_file("alerts").read_text("utf-8")


def test_without_addresses_nothing_is_sent_kept_or_wrong(lake, tmp_path, monkeypatch):
    end_night(failed={"建库": "磁盘已满"})
    nothing = {"addresses": 0, "told": 0, "failed": 0}
    assert alerts.send(NOW) == nothing
    listed(tmp_path, monkeypatch)
    assert alerts.send(NOW) == nothing
    assert read_facts("alerts") is None
    monkeypatch.setenv("SUHENG_ALERTS_FILE", str(tmp_path / "nowhere.txt"))
    with pytest.raises(ValueError, match=r"SUHENG_ALERTS_FILE：没有文件 .*nowhere\.txt"):
        alerts.send(NOW)


def test_a_build_that_is_not_audited_yet_takes_no_block_back(lake, endpoint, monkeypatch):
    monkeypatch.setattr(service, "read_contracts", dict)  # nothing is due today
    write_facts("audit", {"blocked": ["indicator_values/key"]})
    night.note_failure("scheduled__1", "audit", "质量审核", night.GateBlocked("审核未通过"))
    night.end("r1", "scheduled__1", {"build": "success", "audit": "failed"})
    assert len(endpoint.posts) == 1
    facts_file("audit").unlink()  # as the next build begins
    night.end("r2", "scheduled__2", {"build": "failed", "audit": "upstream_failed"})
    assert [post["message"].splitlines()[0] for post in endpoint.posts] == ["【审核未通过，没有发布】", "【运行失败】"]
    write_facts("audit", {"blocked": []})
    night.end("r3", "scheduled__3", {"build": "success", "audit": "success"})
    assert endpoint.posts[2]["message"].split("\n")[:3] == [
        "【已恢复】",
        "· 原因见运行日志：任务“build”",
        "· 指标值的键（指标、地区、时期、口径、分组）不重复：indicator_values/key",
    ]


def test_the_end_of_a_night_says_why_in_our_words_and_quotes_no_record(lake, endpoint):
    """What a library says of a file may be a line of it; what the gate blocked is told by the gate."""
    ours = KeyUnusable("假名化密钥应为至少64位十六进制数字")
    quoting = ValueError("CSV parse error: 320102195003070123,张三,2020-09-05")
    night.note_failure("another", "build", "建库", night.GateBlocked("of another run"))
    night.note_failure("run", "ingest_3", "入库 health/vaccination_events", quoting)
    night.note_failure("run", "ingest_4", "入库 health/health_personnel", ours)
    night.note_failure("run", "audit", "质量审核", night.GateBlocked("审核未通过：例如 320102 的 3 人"))
    states = {
        "ingest_3": "failed",
        "ingest_4": "failed",
        "audit": "failed",
        "build": "failed",
        "publish": "upstream_failed",
    }
    night.end("20210325T020000", "run", states)
    facts = read_facts("night")
    assert facts is not None
    assert facts["run"] == "20210325T020000"
    assert facts["failed"] == {
        "入库 health/vaccination_events": "ValueError",
        "入库 health/health_personnel": "假名化密钥应为至少64位十六进制数字",
        "build": "原因见运行日志",
    }  # fmt: skip
    said = json.dumps(endpoint.posts, ensure_ascii=False)
    assert "张三" not in said and "320102195003070123" not in said and "3 人" not in said


@pytest.mark.parametrize(("hour", "minute", "day"), [(7, 0, 25), (6, 0, 25), (5, 59, 24), (2, 30, 24), (0, 0, 24)])
def test_a_night_should_have_ended_four_hours_after_it_began(hour, minute, day):
    now = datetime(2021, 3, 25, hour, minute, tzinfo=settings.SHANGHAI)
    assert alerts.last_due(now.astimezone(UTC)) == datetime(2021, 3, day, 2, tzinfo=settings.SHANGHAI)


def test_a_night_that_did_not_end_is_told_and_the_next_one_makes_it_good(lake, endpoint):
    tomorrow = NOW + timedelta(days=1)
    alerts.send(tomorrow)
    end_night(tomorrow)
    alerts.send(tomorrow)
    assert [post["message"].split("\n")[:2] for post in endpoint.posts] == [
        ["【没有按时运行】", "· 夜间任务到期没有运行到结束：最近一次结束于 2021-03-25 07:00"],
        ["【已恢复】", "· 夜间任务到期没有运行到结束：最近一次结束于 2021-03-25 07:00"],
    ]


def test_what_comes_from_the_sandbox_says_so(lake, endpoint):
    lake(YEARLY, "2020", "2021-03-02", is_simulated=True)
    end_night(failed={"建库": "磁盘已满"})
    alerts.send(NOW)
    assert endpoint.posts[0]["title"] == "【模拟数据】苏衡告警 2021-03-25：新增 1 项，恢复 0 项"
