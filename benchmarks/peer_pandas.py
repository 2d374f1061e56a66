"""pandas' answers of the Parquet files.

`python -m benchmarks.peer_pandas QUESTION FOLDER END`, in an environment that has pandas and pyarrow. Only
the columns and rows of the question are read (the filters are pyarrow's), ids as categories; members become
numbers once, so that grouping and finding duplicates works on integers.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.compute as pc

from benchmarks.measured import measure_here
from benchmarks.questions import ALSO_ACTIVE, MEANINGFUL, PAID_KINDS, WEEKS

KIND = pc.field("kind")
MEANS = KIND.isin(MEANINGFUL) & ~pc.coalesce(pc.field("is_emoji_only"), False)
ACTIVE = MEANS | KIND.isin(ALSO_ACTIVE)
PAID = KIND.isin(PAID_KINDS) & (pc.field("status") != "cancelled") & pc.field("paid_at").is_valid()
MONDAY = np.datetime64("1970-01-05", "s")
HOUR, WEEK = 3600, 604_800


def seconds(times: pd.Series) -> np.ndarray:
    """Seconds since a Monday."""
    since: np.ndarray = times.to_numpy().astype("datetime64[s]") - MONDAY
    return since.astype("int64")


class Files:
    """The Parquet files."""

    def __init__(self, folder: Path, end: date) -> None:
        self.folder, self.end = folder, end

    def read(self, table: str, columns: list[str], filters: Any = None) -> pd.DataFrame:
        ids = [name for name in columns if name.endswith("_id")]
        return pd.read_parquet(
            self.folder / f"{table}.parquet", columns=columns, filters=filters, read_dictionary=ids
        )

    def firsts(self) -> pd.Series:
        """Second of the first join by member."""
        joins = self.read("joins", ["member_id", "occurred_at"], pc.field("action") == "join")
        first = joins.groupby("member_id", observed=True)["occurred_at"].min()
        first = first[~first.index.isin(self.read("staff", ["member_id"])["member_id"])]
        return pd.Series(seconds(first), index=pd.Index(first.index.astype(str)))

    def numbers(self, ids: pd.Series, known: pd.Index) -> np.ndarray:
        """Place of each id among the known ones, or -1: looked up once per category."""
        place = known.get_indexer(ids.cat.categories)
        codes = ids.cat.codes.to_numpy()
        return np.where(codes >= 0, place[codes], -1)

    def activity(self, known: pd.Index) -> tuple[np.ndarray, np.ndarray]:
        """Member and second of everything that counts as active."""
        posts = self.read("messages", ["member_id", "occurred_at"], ACTIVE)
        paid = self.read("orders", ["member_id", "paid_at"], PAID & pc.field("member_id").is_valid())
        who = [self.numbers(posts["member_id"], known), self.numbers(paid["member_id"], known)]
        when = [seconds(posts["occurred_at"]), seconds(paid["paid_at"])]
        member, moment = np.concatenate(who), np.concatenate(when)
        return member[member >= 0], moment[member >= 0]

    def retention(self) -> pd.DataFrame:
        firsts = self.firsts()
        member, moment = self.activity(firsts.index)
        cohort = firsts.to_numpy() // WEEK
        pairs = pd.unique(member * 100_000 + moment // WEEK)  # member and week in one integer
        member, week = pairs // 100_000, pairs % 100_000
        frame = pd.DataFrame({"cohort": cohort[member], "index": week - cohort[member]})
        frame = frame[frame["index"].between(0, WEEKS)]
        return frame.groupby(["cohort", "index"]).size().reset_index()

    def funnel(self) -> pd.DataFrame:
        firsts = self.firsts()
        joined = firsts.to_numpy()
        cohort = joined // WEEK
        member, moment = self.activity(firsts.index)
        a, r, p, f = (np.zeros(len(joined), bool) for _ in range(4))
        since = moment - joined[member]
        a[member[(since >= 0) & (since < 168 * HOUR)]] = True
        r[member[moment // WEEK == cohort[member] + 4]] = True
        paid = self.read("orders", ["member_id", "paid_at"], PAID & pc.field("member_id").is_valid())
        buyer, moment = self.numbers(paid["member_id"], firsts.index), seconds(paid["paid_at"])
        since = moment - joined[buyer]
        p[buyer[(buyer >= 0) & (since >= 0) & (since < 720 * HOUR)]] = True
        invites = self.read("invites", ["inviter_id", "invitee_id"])
        inviter, invitee = (self.numbers(invites[name], firsts.index) for name in invites)
        since = joined[invitee] - joined[inviter]
        is_valid = (inviter >= 0) & (invitee >= 0) & (inviter != invitee)
        f[inviter[is_valid & (since >= 0) & (since < 720 * HOUR)]] = True
        steps = {"n": 1, "a": a, "r": r, "p": p, "f": f, "ar": a & r, "arp": a & r & p, "arpf": a & r & p & f}
        return pd.DataFrame({"cohort": cohort} | steps).groupby("cohort").sum().reset_index()

    def revenue(self) -> pd.DataFrame:
        columns = ["paid_at", "kind", "cents", "member_id"]
        orders = self.read("orders", columns, PAID | (KIND == "refund"))
        orders["week"] = seconds(orders["paid_at"]) // WEEK
        is_refund = orders["kind"] == "refund"
        sold = (
            orders[~is_refund]
            .groupby("week")
            .agg(gmv=("cents", "sum"), paid_orders=("cents", "size"), buyers=("member_id", "nunique"))
        )
        sold["refunds"] = orders[is_refund].groupby("week")["cents"].sum()
        return sold.fillna(0).reset_index()[["week", "gmv", "refunds", "paid_orders", "buyers"]]

    def groups(self) -> pd.DataFrame:
        pair = ["group_id", "member_id"]
        at = pc.field("occurred_at")
        start, week, end = (pd.Timestamp(self.end - timedelta(days)) for days in (28, 7, 0))
        posts = self.read("messages", [*pair, "occurred_at"], (at >= start) & (at < end) & MEANS)
        posts["own_7d"] = posts["occurred_at"] >= week
        counts = posts.groupby(pair, observed=True)["own_7d"].agg(own="size", own_7d="sum").reset_index()
        counts[pair] = counts[pair].astype(str)
        joins = self.read("joins", pair, pc.field("action") == "join").astype(str)
        gone = self.read("joins", pair, pc.field("action") != "join").astype(str)
        joins = joins[~joins["member_id"].isin(self.read("staff", ["member_id"])["member_id"])]
        present = joins.merge(gone, on=pair, how="left", indicator=True)
        present = present[present["_merge"] == "left_only"][pair].merge(counts, on=pair, how="left")
        present[["own", "own_7d"]] = present[["own", "own_7d"]].fillna(0).astype("int64")
        present = present.sort_values(["group_id", "own"])
        grouped = present.groupby("group_id")
        place = grouped.cumcount() + 1
        size = grouped["own"].transform("size")
        present["weighted"] = place * present["own"]
        present["top3"] = present["own"].where(place > size - 3, 0)
        present["is_poster"] = present["own_7d"] > 0
        return (
            present.groupby("group_id")
            .agg(
                members=("own", "size"),
                posters=("is_poster", "sum"),
                messages=("own", "sum"),
                top3=("top3", "sum"),
                weighted=("weighted", "sum"),
            )
            .reset_index()
        )


def main(question: str, folder: Path, end: date) -> None:
    """Answer one question and print what it took."""

    def answer() -> dict[str, Any]:
        frame = getattr(Files(folder, end), question)()
        rows = frame.to_numpy().tolist()
        if question != "groups":
            rows = [[str(MONDAY.astype("datetime64[D]") + int(row[0]) * 7), *row[1:]] for row in rows]
        told = sorted([row[0], *(int(cell) for cell in row[1:])] for row in rows)
        return {"answer": told, "version": pd.__version__}

    measure_here(answer)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), date.fromisoformat(sys.argv[3]))
