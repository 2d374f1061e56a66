"""Pseudonyms: keyed, the same in Python and SQL, and only this machine leads back."""

from __future__ import annotations

import hashlib
import hmac
import os
import stat
from pathlib import Path

import duckdb
import pytest

from pipelines.errors import SettingsError
from pipelines.people import People, key_file, prepare_sql, pseudonym_sql, read_key


def test_the_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "key"
    key = read_key(path)
    assert len(key) == 32 and read_key(path) == key
    if os.name != "nt":
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_43_a_name_that_a_killed_run_had_half_written_is_written_again(tmp_path: Path) -> None:
    people = People(tmp_path / "key")
    first, second = people.pseudonym("g1", "小明"), people.pseudonym("g1", "小红")
    assert people.save() == 2
    if os.name != "nt":
        assert stat.S_IMODE(people.names_file.stat().st_mode) == 0o600
    content = people.names_file.read_bytes()
    for length in range(len(content)):
        people.names_file.write_bytes(content[:length])
        found = People(tmp_path / "key")
        assert {found.find(told) for told in (first, second)} <= {None, ("g1", "小明"), ("g1", "小红")}
        for name in ("小明", "小红"):
            found.pseudonym("g1", name)
        found.save()
        assert People(tmp_path / "key").find(first) == ("g1", "小明")
        assert sorted(people.names_file.read_bytes().split()) == sorted(content.split())


def test_43_a_key_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "key"
    # What a run left that was killed while it made the key.
    path.with_name("key.1.part").write_text("abcd", encoding="ascii")
    key = read_key(path)
    assert len(key) == 32 and read_key(path) == key


def test_nothing_is_made_before_somebody_needs_it(tmp_path: Path) -> None:
    people = People(tmp_path / "key")
    assert people.save() == 0 and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", ["", "abcd", "no hex at all"])
def test_a_file_that_is_no_key_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "key"
    path.write_text(text, encoding="ascii")
    with pytest.raises(SettingsError, match="key of pseudonyms"):
        read_key(path)


@pytest.mark.parametrize("length", [16, 32, 64, 65, 200])
@pytest.mark.parametrize("text", ["13800138000", "王小明", "a" * 300, "\u200e+49 170 1234567"])
def test_sql_and_python_give_what_the_standard_library_gives(tmp_path: Path, length: int, text: str) -> None:
    path = tmp_path / "key"
    key = bytes(range(length))
    path.write_text(key.hex(), encoding="ascii")
    expected = "p_" + hmac.new(key, text.encode(), hashlib.sha256).hexdigest()[:20]
    assert People(path).keyed(text) == expected
    with duckdb.connect() as connection:
        prepare_sql(connection, key)
        assert connection.execute(f"select {pseudonym_sql('?')}", [text]).fetchone() == (expected,)


def test_names_lead_back_on_this_machine_and_are_kept_once(tmp_path: Path) -> None:
    people = People(tmp_path / "key")
    one, other = people.pseudonym("g1", 'Li, "Wei"\n'), people.pseudonym("g2", 'Li, "Wei"\n')
    assert one != other
    assert people.save() == 2 and people.save() == 0
    people.pseudonym("g1", 'Li, "Wei"\n')
    assert people.save() == 0
    assert People(tmp_path / "key").find(one) == ("g1", 'Li, "Wei"\n')
    assert People(tmp_path / "key").find("p_unknown") is None


def test_the_environment_comes_before_the_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GROUPFUNNEL_KEY_FILE", str(tmp_path / "a"))
    assert key_file("b") == tmp_path / "a"
    monkeypatch.delenv("GROUPFUNNEL_KEY_FILE")
    assert key_file("b") == Path("b")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    if os.name != "nt":
        assert key_file() == tmp_path / "groupfunnel" / "key"
