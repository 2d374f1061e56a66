"""Zip archives: what is read of them, and what is refused before anything is."""

from __future__ import annotations

import io
import stat
import zipfile
from pathlib import Path

import pytest

from pipelines.errors import InputRefused
from pipelines.readers import archive as archives
from pipelines.readers.archive import leads_out, open_archive, open_member

MIB = 1 << 20


def packed(path: Path, members: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """A zip archive of these members."""
    with zipfile.ZipFile(path, "w", compression) as target:
        for name, content in members.items():
            target.writestr(name, content)
    return path


def test_members_are_read_as_streams(tmp_path: Path) -> None:
    path = packed(
        tmp_path / "a.zip", {"chat/": b"", "chat/a.txt": b"one\ntwo", "__MACOSX/chat/._a.txt": b"x"}
    )
    with open_archive(path, MIB) as archive:
        assert archive.names == ("chat/a.txt",)
        with archive.open("chat/a.txt") as stream:
            assert list(io.TextIOWrapper(stream)) == ["one\n", "two"]
    with open_member(path, "chat/a.txt", 7) as stream:
        assert stream.read() == b"one\ntwo"


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_without_a_word_about_their_encoding_are_read(tmp_path: Path, encoding: str) -> None:
    # As Windows in China packs them: the bytes of the name, and no mark that they are UTF-8.
    name = "团购群.txt".encode(encoding)
    stand_in = b"x" * len(name)
    path = packed(tmp_path / "a.zip", {stand_in.decode(): b"hello"})
    path.write_bytes(path.read_bytes().replace(stand_in, name))
    with open_member(path, "团购群.txt", MIB) as stream:
        assert stream.read() == b"hello"


@pytest.mark.parametrize(
    ("name", "is_out"),
    [
        ("../a.txt", True),
        ("a/../../b.txt", True),
        ("/etc/a.txt", True),
        ("\\server\\a.txt", True),
        ("..\\a.txt", True),
        ("C:/a.txt", True),
        ("C:\\a.txt", True),
        ("a\0.txt", True),
        ("a..b.txt", False),
        ("a/b.txt", False),
        ("...txt", False),
        ("团购.txt", False),
    ],
)
def test_49_names_that_lead_out_of_the_folder(name: str, is_out: bool) -> None:
    assert leads_out(name) is is_out


@pytest.mark.parametrize("name", ["../a.txt", "/a.txt", "a\\..\\b.txt"])
def test_49_an_archive_with_path_tricks_is_refused_whole(tmp_path: Path, name: str) -> None:
    path = packed(tmp_path / "a.zip", {"good.txt": b"x", name: b"y"})
    with (
        pytest.raises(InputRefused, match="leads out of its folder"),
        open_member(path, "good.txt", MIB) as stream,
    ):
        stream.read()


def test_49_an_archive_with_a_link_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    link = zipfile.ZipInfo("chat.txt")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(path, "w") as target:
        target.writestr(link, "/etc/passwd")
    with pytest.raises(InputRefused, match="holds a link"), open_member(path, "chat.txt", MIB):
        pass


def test_49_a_bomb_is_refused_by_what_it_says_of_itself(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.txt": bytes(32 * MIB)})
    assert path.stat().st_size < MIB
    with pytest.raises(InputRefused, match="unpacks to more"), open_member(path, "a.txt", 64 * MIB):
        pass


def test_49_a_bomb_that_lies_about_its_size_is_cut_off(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.txt": bytes(3 * MIB)})
    size = (3 * MIB).to_bytes(4, "little")
    path.write_bytes(path.read_bytes().replace(size, (100).to_bytes(4, "little")))
    with pytest.raises(InputRefused), open_member(path, "a.txt", MIB) as stream:
        while stream.read(1 << 16):
            pass


def test_49_many_small_members_count_together(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {f"{i}.txt": b"x" * 400 for i in range(3)})
    with open_archive(path, 1000) as archive:
        for name in archive.names[:2]:
            with archive.open(name) as stream:
                stream.read()
        with (
            pytest.raises(InputRefused, match="more than the 1,000 bytes"),
            archive.open("2.txt") as stream,
        ):
            stream.read()


def test_49_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MEMBERS", 2)
    path = packed(tmp_path / "a.zip", {f"{i}": b"" for i in range(3)})
    with pytest.raises(InputRefused, match="more than 2 files"), open_archive(path, MIB):
        pass


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.txt": b"x"})
    data = bytearray(path.read_bytes())
    data[6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(InputRefused, match="password"), open_member(path, "a.txt", MIB):
        pass


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_07_a_changed_byte_is_seen_when_it_is_read(tmp_path: Path, compression: int) -> None:
    path = packed(tmp_path / "a.zip", {"a.txt": bytes(range(256)) * 64}, compression)
    data = bytearray(path.read_bytes())
    data[200] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(InputRefused, match="cut short or damaged"), open_member(path, "a.txt", MIB) as stream:
        stream.read()


def test_07_a_truncated_archive_is_refused(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.txt": b"x" * 1000}, zipfile.ZIP_STORED)
    path.write_bytes(path.read_bytes()[:500])
    with pytest.raises(InputRefused, match="cut short or damaged"), open_member(path, "a.txt", MIB):
        pass


def test_a_member_that_is_not_there_is_named(tmp_path: Path) -> None:
    path = packed(tmp_path / "a.zip", {"a.txt": b"x"})
    with pytest.raises(InputRefused, match=r"has no file 'b\.txt'"), open_member(path, "b.txt", MIB):
        pass
