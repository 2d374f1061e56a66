"""Polars' answers of the Parquet files: lazy scans, collected by its streaming engine.

`python -m benchmarks.peer_polars QUESTION FOLDER END`, in an environment that has Polars.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.measured import measure_here
from benchmarks.questions import ALSO_ACTIVE, MEANINGFUL, PAID_KINDS, WEEKS

MEANS = pl.col("kind").is_in(MEANINGFUL) & ~pl.col("is_emoji_only").fill_null(False)
ACTIVE = MEANS | pl.col("kind").is_in(ALSO_ACTIVE)
PAID = pl.col("kind").is_in(PAID_KINDS) & (pl.col("status") != "cancelled") & pl.col("paid_at").is_not_null()
DAY = pl.col("cohort_week").cast(pl.Datetime("us"))


def monday(column: str) -> pl.Expr:
    """First day of the week."""
    return pl.col(column).dt.date().dt.truncate("1w")


class Files:
    """The Parquet files, lazily."""

    def __init__(self, folder: Path, end: date) -> None:
        self.folder, self.end = folder, end

    def scan(self, table: str) -> pl.LazyFrame:
        return pl.scan_parquet(self.folder / f"{table}.parquet")

    def firsts(self) -> pl.LazyFrame:
        return (
            self.scan("joins")
            .filter(pl.col("action") == "join")
            .join(self.scan("staff"), on="member_id", how="anti")
            .group_by("member_id")
            .agg(pl.col("occurred_at").min().alias("joined_at"))
            .with_columns(cohort_week=monday("joined_at"))
        )

    def paid(self) -> pl.LazyFrame:
        return self.scan("orders").filter(PAID, pl.col("member_id").is_not_null())

    def retention(self) -> pl.LazyFrame:
        posts = self.scan("messages").filter(ACTIVE).select("member_id", week=monday("occurred_at"))
        paid = self.paid().select("member_id", week=monday("paid_at"))
        index = (pl.col("week") - pl.col("cohort_week")).dt.total_days() // 7
        return (
            pl.concat([posts.unique(), paid.unique()])
            .unique()
            .join(self.firsts().select("member_id", "cohort_week"), on="member_id")
            .with_columns(week_index=index)
            .filter(pl.col("week_index").is_between(0, WEEKS))
            .group_by("cohort_week", "week_index")
            .len()
        )

    def funnel(self) -> pl.LazyFrame:
        posts = self.scan("messages").filter(ACTIVE).select("member_id", moment="occurred_at")
        paid = self.paid().select("member_id", moment="paid_at")
        firsts = self.firsts()
        since = pl.col("moment") - pl.col("joined_at")
        activity = (
            pl.concat([posts, paid])
            .join(firsts, on="member_id")
            .group_by("member_id")
            .agg(
                a=((since >= timedelta(0)) & (since < timedelta(hours=168))).any(),
                r=((pl.col("moment") - DAY).is_between(timedelta(28), timedelta(35), closed="left")).any(),
            )
        )
        buyers = (
            paid.join(firsts, on="member_id")
            .filter(since >= timedelta(0), since < timedelta(hours=720))
            .select("member_id", p=pl.lit(True))
            .unique()
        )
        invitees = firsts.select(invitee_id="member_id", moment="joined_at")
        referrers = (
            self.scan("invites")
            .filter(pl.col("inviter_id") != pl.col("invitee_id"))
            .select("inviter_id", "invitee_id")
            .join(invitees, on="invitee_id")
            .join(firsts, left_on="inviter_id", right_on="member_id")
            .filter(since >= timedelta(0), since < timedelta(hours=720))
            .select(member_id="inviter_id", f=pl.lit(True))
            .unique()
        )
        a, r, p, f = (pl.col(name).fill_null(False) for name in "arpf")
        return (
            firsts.join(activity, on="member_id", how="left")
            .join(buyers, on="member_id", how="left")
            .join(referrers, on="member_id", how="left")
            .group_by("cohort_week")
            .agg(
                pl.len().alias("members"),
                *[one.sum() for one in (a, r, p, f)],
                (a & r).sum().alias("ar"),
                (a & r & p).sum().alias("arp"),
                (a & r & p & f).sum().alias("arpf"),
            )
        )

    def revenue(self) -> pl.LazyFrame:
        sold = (
            self.scan("orders")
            .filter(PAID)
            .group_by(week=monday("paid_at"))
            .agg(
                gmv=pl.col("cents").sum(),
                paid_orders=pl.len(),
                buyers=pl.col("member_id").drop_nulls().n_unique(),
            )
        )
        refunded = (
            self.scan("orders")
            .filter(pl.col("kind") == "refund")
            .group_by(week=monday("paid_at"))
            .agg(refunds=pl.col("cents").sum())
        )
        return sold.join(refunded, on="week", how="full", coalesce=True).select(
            "week", *(pl.col(name).fill_null(0) for name in ("gmv", "refunds", "paid_orders", "buyers"))
        )

    def groups(self) -> pl.LazyFrame:
        pair = ["group_id", "member_id"]
        joins = self.scan("joins")
        posts = (
            self.scan("messages")
            .filter(
                pl.col("occurred_at") >= self.end - timedelta(28), pl.col("occurred_at") < self.end, MEANS
            )
            .group_by(pair)
            .agg(own=pl.len(), own_7d=(pl.col("occurred_at") >= self.end - timedelta(7)).sum())
        )
        own = pl.col("own")
        return (
            joins.filter(pl.col("action") == "join")
            .join(joins.filter(pl.col("action") != "join"), on=pair, how="anti")
            .join(self.scan("staff"), on="member_id", how="anti")
            .join(posts, on=pair, how="left")
            .with_columns(pl.col("own", "own_7d").fill_null(0).cast(pl.Int64))
            .group_by("group_id")
            .agg(
                pl.len().alias("members"),
                (pl.col("own_7d") > 0).sum().alias("posters"),
                own.sum().alias("messages"),
                own.top_k(3).sum().alias("top3"),
                (own.sort() * pl.int_range(1, pl.len() + 1)).sum().alias("weighted"),
            )
        )


def main(question: str, folder: Path, end: date) -> None:
    """Answer one question and print what it took."""

    def answer() -> dict[str, Any]:
        rows = getattr(Files(folder, end), question)().collect(engine="streaming").rows()
        told = sorted([str(cell) if isinstance(cell, date) else cell for cell in row] for row in rows)
        return {"answer": told, "version": pl.__version__}

    measure_here(answer)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), date.fromisoformat(sys.argv[3]))
