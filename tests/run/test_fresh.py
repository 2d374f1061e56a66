"""A community that has only just begun: files without rows, and groups with nobody but staff."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.warm import groupfunnel

HEADERS = {
    "joins": "group_id,member_id,occurred_at,role",
    "messages": "group_id,member_id,occurred_at,role",
    "orders": "order_id,member_id,ordered_at,amount",
    "invites": "group_id,inviter_id,invited_at,invitee_id",
}
OF_STAFF = {
    "joins": "g1,s1,2026-03-03 10:00:00,staff\ng1,s2,2026-03-04 10:00:00,owner\n",
    "messages": "g1,s1,2026-03-05 10:00:00,staff\n",
    "orders": "o1,s1,2026-03-05 10:00:00,10\n",
    "invites": "g1,s1,2026-03-03 11:00:00,s2\n",
}


def _inbox(root: Path, rows: dict[str, str], days: str) -> None:
    (root / "inbox").mkdir(parents=True)
    for kind, header in HEADERS.items():
        (root / "inbox" / f"{kind}{days}.csv").write_text(f"{header}\n{rows.get(kind, '')}", encoding="utf-8")


@pytest.mark.parametrize("rows", [{}, OF_STAFF], ids=["no rows", "only staff"])
def test_a_community_without_members_has_a_report_that_says_so(tmp_path: Path, rows: dict[str, str]) -> None:
    _inbox(tmp_path, rows, "_2026-03-02_2026-03-15")
    done = groupfunnel("run", "--home", str(tmp_path))
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "reports" / "latest" / "index.html").read_text(encoding="utf-8")
    assert "2026-W11" in page
    assert "Left out for want of a value: New members" in page


def test_files_without_rows_and_days_end_with_3_and_say_what_is_missing(tmp_path: Path) -> None:
    _inbox(tmp_path, {}, "")
    done = groupfunnel("run", "--home", str(tmp_path))
    assert done.returncode == 3
    assert "do not cover one whole week yet" in done.stderr
    assert "critical" not in done.stderr


def test_days_of_one_unfinished_week_end_with_3_and_not_with_the_empty_week_before(tmp_path: Path) -> None:
    rows = {"joins": "g1,m1,2026-03-03 10:00:00,\n", "messages": "g1,m1,2026-03-05 10:00:00,\n"}
    _inbox(tmp_path, rows, "_2026-03-03_2026-03-05")
    done = groupfunnel("run", "--home", str(tmp_path))
    assert done.returncode == 3, done.stdout
    assert "do not cover one whole week yet" in done.stderr
