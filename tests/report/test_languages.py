"""Both languages say the same things, with the operators' words."""

from __future__ import annotations

import re
import tomllib
from importlib import resources
from pathlib import Path

import pytest

import pipelines.report
from pipelines.report.metrics import registry
from pipelines.report.text import Text, attribute, joined, plain, word, words

FORBIDDEN = (
    "早退",
    "首言时长",
    "个别人活跃大多潜水",
    "半死不活",
    "默默下单",
    "引流不精准",
    "剔除蹭流量",
    "蹭流量",
    "日三活",
    "周活变日活",
    "弱中心化",
    "多向互动",
    "专人管理",
    "人群共性",
    "充值锁客",
    "邀请接受率",
    "定期调整",
    "四感",
)
FIELDS = re.compile(r"\{([a-z]\w*)\}")


def test_every_phrase_has_both_languages_and_the_same_fields() -> None:
    source = tomllib.loads(
        resources.files("pipelines.report").joinpath("words.toml").read_text(encoding="utf-8")
    )
    for key, pair in source.items():
        assert set(pair) == {"zh", "en"}, key
        assert pair["zh"].strip(), key
        assert pair["en"].strip(), key
        assert set(FIELDS.findall(pair["zh"])) == set(FIELDS.findall(pair["en"])), key


def test_every_phrase_is_used_and_every_use_has_a_phrase() -> None:
    folder = Path(pipelines.report.__file__).parent
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".py", ".j2")
    )
    used = set(re.findall(r"""(?:\bword|\bT)\(\s*["']([\w.]+)["'](?!\s*~)""", code))
    assert used - words().keys() == set()
    families = (
        "nav.",
        "kind.",
        "need.",
        "status.",
        "type.",
        "group.",
        "q.",
        "rev.period.",
        "gl.rule.",
        "index.changed.",
        "lacks.",
        "export.",
        "form.",
        "bridge.",
        "prop.",
        "do.rule.",
        "gift.",
        "more.state.",
        "more.rfm.",
        "own.event.",
        "own.took.",
        "own.period.",
        "ref.worth.",
        "lever.",
        "ask.",
    )
    unused = {
        key
        for key in words().keys() - used
        if not key.startswith(families) and f'"{key}"' not in code and f"'{key}'" not in code
    }
    assert unused == set()


def test_every_metric_is_whole() -> None:
    for item in registry().values():
        for text in (item.label, item.formula, item.window):
            assert text.zh, item.key
            assert text.en, item.key
        assert item.better in ("up", "down", "none"), item.key
        assert f"nav.{item.page}" in words(), item.key
        assert re.fullmatch(r"sql/\w+/\w+\.sql", item.sql_path)


def test_every_metric_names_a_model_and_a_column_of_it() -> None:
    root = Path(__file__).parents[2]
    for item in registry().values():
        model = (root / item.sql_path).read_text(encoding="utf-8")
        assert re.search(rf"\b{item.column}\b", model), item.key


def test_labels_are_the_operators_words() -> None:
    labels = {key: item.label.zh for key, item in registry().items()}
    assert labels["new_members"] == "新增成员(首次入群)"
    assert labels["average_order_value"] == "笔单价"
    assert labels["spend_per_buyer"] == "客单价"
    assert labels["k_factor"] == "K 值(周)"
    assert labels["net_revenue"] == "净销售额(扣退款)"


def test_pages_print_no_label_of_the_catalogue(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        assert [label for label in FORBIDDEN if label in html] == [], name


def test_pages_hold_as_many_phrases_in_both_languages(pages: dict[str, str]) -> None:
    for name, html in pages.items():
        assert html.count('<span lang="zh">') == html.count('<span lang="en">') > 20, name


def test_every_metric_is_defined_on_the_glossary_page(pages: dict[str, str]) -> None:
    for key, item in registry().items():
        assert f'id="{key}"' in pages["glossary.html"]
        assert item.sql_path in pages["glossary.html"]


def test_every_defined_word_is_in_the_registry(pages: dict[str, str], site: Path) -> None:
    script = (site / "assets" / "definitions.js").read_text(encoding="utf-8")
    for html in pages.values():
        for key in re.findall(r'data-def="([^"]+)"', html):
            assert key in registry()
            assert f'"{key}"' in script


def test_texts_escape_and_fill() -> None:
    name = plain('<b>"{x}"')
    filled = Text("群 {name}", "group {name}").with_(name=name)
    assert filled.en == 'group <b>"{x}"'
    assert str(name) == "&lt;b&gt;&#34;{x}&#34;"
    assert str(filled).count("&lt;b&gt;") == 2
    assert joined([Text("甲", "a"), Text("乙", "b")]).zh == "甲、乙"
    assert 'title="&#34;&gt;"' in attribute("title", '">')
    with pytest.raises(KeyError):
        word("no.such.word")
