"""The summary reaches a mail file and group robots as they want it, once, and nobody else."""

from __future__ import annotations

import email
import email.policy
import json
import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from pipelines.cli import app
from pipelines.delivery import formats
from pipelines.delivery.brief import Brief, read_briefs
from pipelines.delivery.deliver import ADDRESSES, deliver
from pipelines.delivery.post import NotDelivered, checked_address
from pipelines.errors import InputRefused, SettingsError
from pipelines.publish import write_stamp
from pipelines.report import build_site
from pipelines.runlog import read_log
from pipelines.settings import Delivery, Settings
from tests.report.warehouses import build_warehouse

KEY, SECRET, MAIL = "693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa", "of-nobody-else", "boss@example.org"
TAKEN = {"/wecom": '{"errcode":0,"errmsg":"ok"}', "/feishu": '{"code":0,"msg":"success"}', "/slack": "ok"}


@dataclass
class Robot:
    """A server on this machine that answers as it is told and keeps what it was sent."""

    url: str
    heard: list[tuple[str, dict[str, object]]] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)
    location: str = ""

    def environ(self) -> dict[str, str]:
        """The addresses of its three robots."""
        return {name: f"{self.url}/{place}" for place, name in ADDRESSES.items()}


@pytest.fixture
def robot() -> Iterator[Robot]:
    told = Robot("")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            told.heard.append((self.path, json.loads(body)))
            place = self.path.partition("?")[0]
            status, answer = told.answers.pop(0) if told.answers else (200, TAKEN[place])
            self.send_response(status)
            if told.location:
                self.send_header("Location", told.location)
            self.end_headers()
            self.wfile.write(answer.encode())

        def log_message(self, *_: object) -> None:
            return None

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield told
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def week(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, duckdb.DuckDBPyConnection]]:
    """A published week and the warehouse it was made from."""
    reports = tmp_path_factory.mktemp("delivered")
    with build_warehouse() as connection:
        build_site(connection, Settings(), reports / "latest")
        write_stamp(reports / "latest", "made from this")
        yield reports, connection


@pytest.fixture
def reports(week: tuple[Path, duckdb.DuckDBPyConnection]) -> Iterator[Path]:
    """Reports of which nothing was delivered."""
    yield week[0]
    for path in (*week[0].glob("*.eml"), *week[0].glob(".delivered*")):
        path.unlink()


def everywhere(**given: object) -> Delivery:
    return Delivery.model_validate({"to": ["mail", "wecom", "feishu", "slack"], **given})


def long_brief(language: str = "zh") -> Brief:
    """A week of which far more is told than any platform takes."""
    numbers = tuple((f"数字{n}", "¥1,234,567", "▲ 12.3%") for n in range(400))
    return Brief(
        "2026-W46", language, "一周", "11-09 — 11-15", numbers, "变化", ("很长的话" * 900,) * 9, ("末尾",)
    )


def test_the_summary_is_that_of_the_report_and_names_nobody(
    week: tuple[Path, duckdb.DuckDBPyConnection],
) -> None:
    zh, en = read_briefs(week[0] / "latest")
    assert (zh.language, en.language, zh.week) == ("zh", "en", en.week)
    summary = (week[0] / "latest" / "summary.html").read_text(encoding="utf-8")
    for brief in (zh, en):
        assert 1 < len(brief.numbers) <= 4
        for label, value, _ in brief.numbers:
            assert label in summary and value in summary
    told = json.dumps([zh.numbers, zh.changes, zh.more, en.numbers, en.changes, en.more], ensure_ascii=False)
    columns = week[1].execute(
        "select schema_name || '.' || table_name, column_name from duckdb_columns() "
        "where data_type = 'VARCHAR' "
        "and regexp_matches(column_name, '^(group_name|product_name|.*(group|member|leader|owner|"
        "inviter|product)_id)$') and not internal"
    )
    named: set[str] = set()
    for table, column in columns.fetchall():
        found = week[1].execute(f"select distinct {column} from {table}").fetchall()
        named |= {name for (name,) in found if name and len(name) > 2}
    assert len(named) > 20
    assert [name for name in named if name in told] == []


def test_each_place_gets_it_once(reports: Path, robot: Robot) -> None:
    lines: list[str] = []
    deliver(reports, everywhere(), lines.append, robot.environ())
    assert sorted(path for path, _ in robot.heard) == sorted(TAKEN)
    assert (reports / f"{read_briefs(reports / 'latest')[0].week}.eml").exists()
    assert len(lines) == 4
    deliver(reports, everywhere(), lines.append, robot.environ())
    assert len(robot.heard) == 3
    assert all("before" in line for line in lines[4:])
    deliver(reports, everywhere(to=["slack"]), lines.append, robot.environ(), again=True)
    assert len(robot.heard) == 4
    # A report that was made anew is another message.
    write_stamp(reports / "latest", "made from that")
    deliver(reports, everywhere(to=["wecom"]), lines.append, robot.environ())
    assert len(robot.heard) == 5
    write_stamp(reports / "latest", "made from this")


def test_the_messages_are_what_the_platforms_ask_for(reports: Path, robot: Robot) -> None:
    link = "https://reports.example/latest/index.html"
    environ = robot.environ() | {"GROUPFUNNEL_FEISHU_SECRET": "key"}
    deliver(reports, everywhere(link=link, languages=["zh", "en"]), lambda _: None, environ)
    heard = dict(robot.heard)
    wecom, feishu, slack = heard["/wecom"], heard["/feishu"], heard["/slack"]
    assert set(wecom) == {"msgtype", "markdown"} and wecom["msgtype"] == "markdown"
    assert set(feishu) == {"timestamp", "sign", "msg_type", "card"} and feishu["msg_type"] == "interactive"
    assert feishu["sign"] == formats.sign("key", int(str(feishu["timestamp"])))
    kinds = [block["type"] for block in slack["blocks"]]  # type: ignore[attr-defined]
    assert kinds == ["header", "section", "header", "section"]
    assert slack["text"]
    for message in heard.values():
        told = json.dumps(message, ensure_ascii=False)
        assert link in told
        for brief in read_briefs(reports / "latest"):
            assert all(value in told for _, value, _ in brief.numbers)


def test_the_signature_is_feishus() -> None:
    # HMAC-SHA256 of an empty text, keyed "1599360473\ndemo", counted with openssl.
    assert formats.sign("demo", 1599360473) == "l1N0gAcBjdwBvGm1xMjOF0XSyaLRpR7tuO5dHfhAYc8="


def test_a_mail_is_text_and_html_without_anything_to_load(reports: Path) -> None:
    given = everywhere(to=["mail"], mail_from="Tea <tea@example.org>", mail_to=["boss@example.org"])
    deliver(reports, given, lambda _: None, {})
    path = next(reports.glob("*.eml"))
    message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    assert (message["From"], message["To"]) == ("Tea <tea@example.org>", "boss@example.org")
    assert not message.defects
    text, html = message.get_body(("plain",)), message.get_body(("html",))
    assert text is not None and html is not None
    for label, value, _ in read_briefs(reports / "latest")[0].numbers:
        assert label in text.get_content() and value in text.get_content()
        assert value in html.get_content()
    for what in ("<script", "<img", "src=", "http:", "https:", "url("):
        assert what not in html.get_content(), what


@pytest.mark.parametrize("language", ["zh", "en"])
def test_long_messages_keep_to_the_limits_and_say_so(language: str) -> None:
    brief = long_brief(language)
    more = formats._MORE[language]
    wecom = formats.wecom([brief])["markdown"]["content"]
    assert 1000 < len(wecom.encode()) <= 4096 and wecom.endswith(more)
    feishu = formats.feishu([brief], secret="s", now=1)
    assert 5000 < len(json.dumps(feishu, ensure_ascii=False).encode()) <= 20_000
    assert feishu["card"]["elements"][0]["content"].endswith(more)
    slack = formats.slack([replace(brief, title="t" * 400)])
    assert len(slack["blocks"]) <= 50
    assert len(slack["blocks"][0]["text"]["text"]) <= 150
    assert 500 < len(slack["blocks"][1]["text"]["text"]) <= 3000
    assert slack["blocks"][1]["text"]["text"].endswith(more)


def test_names_are_no_markup() -> None:
    brief = replace(long_brief(), numbers=(("<@U1> *x*", "<!channel> & 1", ""),), changes=("[a](b) <font>",))
    assert "<!" not in (slack := json.dumps(formats.slack([brief]))) and "<@" not in slack
    assert "<" not in formats.wecom([brief])["markdown"]["content"]
    assert "](" not in formats.feishu([brief])["card"]["elements"][0]["content"]
    html = formats.mail([brief], "", "", []).get_body(("html",))
    assert html is not None and "<@" not in html.get_content() and "&lt;@U1&gt;" in html.get_content()


@pytest.mark.parametrize(
    ("answer", "tries", "said"),
    [
        ((200, '{"errcode":93000,"errmsg":"invalid webhook url"}'), 1, "93000"),
        ((200, '{"code":19021,"msg":"sign match fail"}'), 1, "19021"),
        ((403, "invalid_token"), 1, "HTTP 403"),
        ((500, ""), 3, "HTTP 500"),
        ((429, ""), 3, "HTTP 429"),
        ((200, "<html>log in</html>"), 1, "no JSON"),
    ],
)
def test_a_refusal_is_told_without_the_address(
    reports: Path, robot: Robot, answer: tuple[int, str], tries: int, said: str
) -> None:
    robot.answers = [answer] * 9
    with pytest.raises(NotDelivered) as failed:
        deliver(reports, everywhere(to=["wecom"]), lambda _: None, robot.environ(), pause=0)
    assert said in str(failed.value) and "groupfunnel deliver" in str(failed.value)
    assert robot.url not in str(failed.value) and "/wecom" not in str(failed.value)
    assert len(robot.heard) == tries
    robot.answers = []
    deliver(reports, everywhere(to=["wecom"]), lambda _: None, robot.environ())
    assert len(robot.heard) == tries + 1


def test_a_busy_platform_is_asked_again(reports: Path, robot: Robot) -> None:
    robot.answers = [(503, ""), (200, "ok")]
    deliver(reports, everywhere(to=["slack"]), lambda _: None, robot.environ(), pause=0)
    assert len(robot.heard) == 2


def test_one_that_fails_keeps_nobody_else_from_it(reports: Path, robot: Robot) -> None:
    robot.answers = [(404, "")]
    lines: list[str] = []
    with pytest.raises(NotDelivered, match="wecom"):
        deliver(reports, everywhere(to=["wecom", "slack"]), lines.append, robot.environ(), pause=0)
    assert [path for path, _ in robot.heard] == ["/wecom", "/slack"]
    assert lines == [f"slack: delivered {read_briefs(reports / 'latest')[0].week}"]


def test_nothing_is_sent_where_an_address_sends_elsewhere(reports: Path, robot: Robot) -> None:
    robot.answers, robot.location = [(307, "")], f"{robot.url}/slack"
    with pytest.raises(NotDelivered, match="sends elsewhere"):
        deliver(reports, everywhere(to=["wecom"]), lambda _: None, robot.environ(), pause=0)
    assert [path for path, _ in robot.heard] == ["/wecom"]


def test_a_platform_that_is_not_there(reports: Path) -> None:
    with pytest.raises(NotDelivered, match="cannot be reached"):
        deliver(
            reports, everywhere(to=["slack"]), lambda _: None,
            {"GROUPFUNNEL_SLACK_URL": "http://127.0.0.1:9/x"}, pause=0,
        )  # fmt: skip


def test_it_is_off_unless_the_settings_name_a_place(reports: Path, robot: Robot) -> None:
    assert Settings().delivery.to == []
    with pytest.raises(SettingsError, match="name no place"):
        deliver(reports, Delivery(), lambda _: None, robot.environ())
    with pytest.raises(SettingsError, match="GROUPFUNNEL_WECOM_URL is not set"):
        deliver(reports, everywhere(), lambda _: None, {})
    assert robot.heard == []


@pytest.mark.parametrize(
    "address",
    [
        "http://robots.example/x",
        "ftp://robots.example",
        "file:///etc/passwd",
        "https://",
        "nothing",
        "https://robots.example/a key",
        "https://robots.example:key/x",
        "https://[robots.example/key",
    ],
)
def test_only_https_leaves_this_machine(address: str) -> None:
    with pytest.raises(SettingsError) as told:
        checked_address("GROUPFUNNEL_SLACK_URL", address)
    assert address not in str(told.value)


def test_the_log_of_a_delivery_holds_what_became_of_it_and_no_address(
    week: tuple[Path, duckdb.DuckDBPyConnection],
    robot: Robot,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(week[0] / "latest", tmp_path / "reports" / "latest")
    (tmp_path / "groupfunnel.toml").write_text(
        f'[delivery]\nto = ["mail", "feishu", "wecom"]\nmail_to = ["{MAIL}"]\n', encoding="utf-8"
    )
    monkeypatch.setenv("GROUPFUNNEL_FEISHU_URL", f"{robot.url}/feishu?token={KEY}")
    monkeypatch.setenv("GROUPFUNNEL_FEISHU_SECRET", SECRET)
    monkeypatch.delenv("GROUPFUNNEL_WECOM_URL", raising=False)

    def delivered() -> tuple[str, list[dict[str, object]]]:
        """What the command said, and its log."""
        ran = CliRunner().invoke(app, ["deliver", "--home", str(tmp_path)])
        (log,) = (tmp_path / "data" / "logs").glob("*-deliver-*.jsonl")
        text = log.read_text(encoding="utf-8")
        events = read_log(log)
        log.unlink()
        said = f"{ran.output}{ran.exception}"
        for hidden in (KEY, SECRET, MAIL, robot.url, str(tmp_path)):
            assert hidden not in text
        assert KEY not in said and SECRET not in said
        assert [events[0]["event"], events[0]["verb"], events[-1]["event"]] == ["start", "deliver", "end"]
        return said, events

    said, events = delivered()
    assert "GROUPFUNNEL_WECOM_URL" in said
    assert (events[-1]["outcome"], events[-1]["exit_code"]) == ("refused", 2)

    monkeypatch.setenv("GROUPFUNNEL_WECOM_URL", f"{robot.url}/wecom?key={KEY}")
    # The second time, the key begins where a cut made too early would halve it.
    repeated = json.dumps({"errcode": 93000, "errmsg": f"{KEY} {'no ' * 27}{KEY}"})
    robot.answers = [(200, TAKEN["/feishu"]), (200, repeated)]
    said, events = delivered()
    assert "93000" in said and "93000" in str(events[-1]["error"])
    assert KEY[:6] not in said and KEY[:6] not in str(events)
    assert (events[-1]["outcome"], events[-1]["exit_code"]) == ("refused", 5)
    lines = [str(event["text"]) for event in events if event["event"] == "line"]
    assert [line.split(":")[0] for line in lines] == ["mail", "feishu"]
    assert "HOME/reports" in lines[0].replace("\\", "/")

    _, events = delivered()
    assert (events[-1]["outcome"], events[-1]["exit_code"]) == ("ok", 0)
    assert [path.partition("?")[0] for path, _ in robot.heard] == ["/feishu", "/wecom", "/wecom"]


def test_a_server_that_speaks_no_http_is_told_like_one_that_is_not_there(reports: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def babble() -> None:
            for _ in range(3):
                talk = server.accept()[0]
                talk.recv(65_536)
                talk.sendall(b"220 mail.example ESMTP\r\n")
                talk.close()

        threading.Thread(target=babble, daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}/{KEY}"
        with pytest.raises(NotDelivered, match="cannot be reached") as failed:
            deliver(
                reports, everywhere(to=["slack"]), lambda _: None, {"GROUPFUNNEL_SLACK_URL": url}, pause=0
            )
    assert KEY not in str(failed.value)


def test_without_a_report_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(InputRefused, match="groupfunnel run"):
        deliver(tmp_path, everywhere(to=["mail"]), lambda _: None, {})
