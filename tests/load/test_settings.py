# ruff: noqa: E501
"""The settings file: what is wrong names its line and the nearest right one; every default is visible."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from pipelines.errors import SettingsError
from pipelines.mapping_check import check_mappings
from pipelines.resources import shipped_path
from pipelines.settings import Settings, load_settings

EXPORT = '[[exports]]\nfiles = "o*.csv"\nevent = "order"\n'
FUNNEL = '[[funnels]]\nname = "F"\nsteps = ["join", "order"]\n'
WRONG = {
    "unknown table": ("\n[projekt]\n", 2, ["projekt", "did you mean project?"]),
    "unknown key": ('[project]\nname = "x"\ntimezone = "UTC"\n', 3, ["project.timezone", "did you mean time_zone?"]),
    "unknown zone": ('[project]\ntime_zone = "Asia/Shangai"\n', 2, ["did you mean Asia/Shanghai?"]),
    "unknown word": ('[project]\nweek_starts = "mondy"\n', 2, ["'mondy'", "did you mean monday?"]),
    "wrong type": ('[windows]\nrejoin_hours = "a day"\n', 2, ["windows.rejoin_hours", "'a day'"]),
    "out of range": ("[thresholds]\nsilent_participation = 3\n", 2, ["silent_participation", "3"]),
    "currency": ('[project]\ncurrency = "RMB¥"\n', 2, ["currency"]),
    "list element": ('[report]\nlanguages = ["zh", "fr"]\n', 2, ["languages", "'fr'", "zh, en"]),
    "empty list": ("[report]\nlanguages = []\n", 2, ["languages"]),
    "date": ('[project]\nas_of = "soon"\n', 2, ["as_of", "'soon'"]),
    "health input": ("[health.default.lurker_rat]\nweight = 1\n", 1, ["lurker_rate"]),
    "health group type": ("[health.by_type.vips.reply_rate]\nweight = 1\n", 1, ["vip"]),
    "health key": ("[health.default.lurker_rate]\nwieght = 1\n", 2, ["did you mean weight?"]),
    "memory": ('[engine]\nmemory_limit = "lots"\n', 2, ["memory_limit", "'lots'"]),
    "event": ('[[exports]]\nfiles = "a"\nevent = "orders"\n', 3, ["'orders'", "did you mean order?"]),
    "second export": (EXPORT + '[[exports]]\nfile = "b"\nevent = "join"\n', 5, ["exports.2.file", "did you mean files?"]),
    "missing files": ('[[exports]]\nevent = "join"\n', 1, ["files"]),
    "unknown column": (EXPORT + '[exports.columns]\nammount = "x"\n', 5, ["ammount", "did you mean amount?"]),
    "inline table key": (
        EXPORT + '[exports.columns]\norder_id = "a"\namount = { from = "x", unti = "fen" }\n', 6, ["did you mean unit?"],
    ),
    "inline table value": (EXPORT + '[exports.columns]\namount = { from = "x", unit = "cents" }\n', 5, ["'cents'"]),
    "neither from nor const": (EXPORT + "[exports.columns]\namount = { unit = \"fen\" }\n", 5, ["from", "const"]),
    "two groups in a pattern": (EXPORT + "[exports.columns]\norder_id = { from = \"x\", extract = '(a)(b)' }\n", 5, ["one group"]),
    "half a coverage": (EXPORT + "covered_from = 2026-01-01\n", 1, ["covered_from"]),
    "unpivot elsewhere": (EXPORT + '[exports.unpivot]\na = "b"\n', 1, ["unpivot"]),
    "source": (EXPORT + 'source = "my shop"\n', 4, ["source"]),
    "enum in values": (
        EXPORT + '[exports.columns]\nkind = { from = "x", values = { R = "refnd" } }\n', 5, ["'refnd'", "did you mean refund?"],
    ),
    "enum in a table of values": (
        EXPORT + '[exports.columns.kind]\nfrom = "x"\n[exports.columns.kind.values]\nS = "sale"\nR = "refnd"\n',
        8, ["did you mean refund?"],
    ),
    "enum constant": (EXPORT + '[exports.columns]\nchannel = { const = "shop" }\n', 5, ["'shop'", "store"]),
    "unit of another type": (EXPORT + '[exports.columns]\namount = { from = "x", unit = "ms" }\n', 5, ["yuan, fen"]),
    "format": (EXPORT + '[exports.columns]\nordered_at = { from = "x", format = "%Q" }\n', 5, ["%Q"]),
    "pattern DuckDB does not know": (
        EXPORT + "[exports.columns]\norder_id = { from = \"x\", extract = '(?<=a)(b)' }\n", 5, ["extract"],
    ),
    "funnel key": (FUNNEL + 'form_day = 2026-01-01\n', 4, ["form_day", "did you mean from_day?"]),
    "funnel day": (FUNNEL + 'from_day = "soon"\n', 4, ["from_day", "'soon'"]),
    "funnel days": (FUNNEL + "from_day = 2026-02-01\nto_day = 2026-01-01\n", 1, ["to_day", "before from_day"]),
    "funnel without steps": ('[[funnels]]\nname = "F"\nsteps = []\n', 3, ["steps", "at least 1"]),
    "funnel window": (FUNNEL + 'within = "-7 days"\n', 4, ["within", '"7 days"']),
    "funnel mode": (FUNNEL + 'mode = "orderd"\n', 4, ["did you mean ordered?"]),
    "excluded in any order": (FUNNEL + 'mode = "any"\nexclude = { event = "leave" }\n', 1, ["ordered or strict"]),
    "excluded after the end": (FUNNEL + 'exclude = { event = "leave", before_step = 3 }\n', 1, ["only 2 steps"]),
    "excluded nowhere": (FUNNEL + 'exclude = { event = "leave", after_step = 2 }\n', 1, ["after_step", "before"]),
    "excluded key": (FUNNEL + 'exclude = { event = "leave", afterstep = 1 }\n', 4, ["did you mean after_step?"]),
    "retention days": (
        '[[retentions]]\nname = "R"\nstart_event = "join"\nreturn_event = "message"\n'
        "from_day = 2026-02-01\nto_day = 2026-01-01\n", 1, ["to_day", "before from_day"],
    ),
    "retention period": (
        '[[retentions]]\nname = "R"\nstart_event = "join"\nreturn_event = "message"\nperiod = "yr"\n', 5, ["period", "week"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(
    "case",
    list(WRONG),
)
def test_an_error_names_the_line_and_the_nearest(tmp_path: Path, case: str) -> None:
    text, line, told = WRONG[case]
    path = tmp_path / "groupfunnel.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SettingsError) as error:
        check_mappings(load_settings(path), path)
    assert f"{path}, line {line}:" in str(error.value), str(error.value)
    for part in told:
        assert part in str(error.value), str(error.value)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("Beijing", "mean Asia/Shanghai"), ("北京", "mean Asia/Shanghai"), ("new york", "America/New_York"),
     ("Europe/Londn", "Europe/London"), ("Neverland", "known: Asia/Shanghai")],
)  # fmt: skip
def test_a_wrong_time_zone_is_told_with_the_city_that_was_meant(
    tmp_path: Path, written: str, meant: str
) -> None:
    path = tmp_path / "groupfunnel.toml"
    path.write_text(f'[project]\ntime_zone = "{written}"\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=re.escape(meant)):
        load_settings(path)


def test_broken_toml_and_missing_files(tmp_path: Path) -> None:
    path = tmp_path / "groupfunnel.toml"
    path.write_text("[project\n", encoding="utf-8")
    with pytest.raises(SettingsError, match=r"not valid TOML.*line 1"):
        load_settings(path)
    path.write_text("[project]\ncurrency = CNY\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="double quotes"):
        load_settings(path)
    with pytest.raises(SettingsError, match="groupfunnel init"):
        load_settings(tmp_path / "none.toml")
    path.write_bytes(b"\xff\xfe[")
    with pytest.raises(SettingsError, match="UTF-8"):
        load_settings(path)


def test_a_mark_at_the_start_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "groupfunnel.toml"
    path.write_bytes(b'\xef\xbb\xbf[project]\r\ntime_zone = "UTC"\r\n')
    assert load_settings(path).project.time_zone == "UTC"


def test_the_shipped_file_is_the_defaults() -> None:
    assert load_settings(shipped_path("groupfunnel.toml")) == Settings()


def test_every_default_is_visible_in_the_shipped_file() -> None:
    text = shipped_path("groupfunnel.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    for table in ("project", "report", "windows", "thresholds", "engine", "inbox"):
        model = getattr(Settings(), table)
        assert set(data[table]) == set(type(model).model_fields), table
        for key in type(model).model_fields:
            # Each with a comment: on its line, or on the line above.
            assert re.search(rf"^{key} = .*#|^# .*\n{key} = ", text, re.M), key


def test_the_commented_examples_of_the_shipped_file_are_valid(tmp_path: Path) -> None:
    text = shipped_path("groupfunnel.toml").read_text(encoding="utf-8")
    lines = [
        re.sub(r"^# ?", "", line) if re.match(r"^# ?(\[|[a-z_]+ = )", line) else line
        for line in text.splitlines()
    ]
    path = tmp_path / "groupfunnel.toml"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    told = load_settings(path)
    check_mappings(told, path)
    assert [export.event for export in told.exports] == ["order", "platform_stats"]
    assert told.health.weights() != Settings().health.weights() or told.health.by_type
