"""Builds the sample's own tables: groups, people, seats, what they say and what they buy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from pipelines.sample.quantiles import beta_quantiles, gamma_quantiles
from pipelines.sample.slots import ALTS, BOTS, MERGE_WEEK, MERGED_INTO, SLOTS, STAFF, slot_rows

SQL = Path(__file__).parent / "sql"
CYCLE_WEEKS = 26
FAULTY_PRODUCT = 6
GENERATIONS = 3


@dataclass(frozen=True)
class Plan:
    """What to generate: `weeks` whole weeks that end with the Sunday `end_day`."""

    seed: int
    scale: float
    weeks: int
    end_day: date
    message_factor: float

    @property
    def start_day(self) -> date:
        """The Monday the generated weeks begin with."""
        return self.end_day - timedelta(days=7 * self.weeks - 1)


# How strong some effects are, set so that the measured figures come out as planned.
TUNING = {
    "arrivals": 0.85,
    "sender_factor": 2.0,
    "everyday_factor": 1.05,
    "talk_factor": 1.25,
    "staff_mean": 2.4,
    "lever_factor": 1.0,
    "first_factor": 0.78,
    "rate_factor": 0.97,
}


def run_sql(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Run one of the package's SQL files."""
    connection.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))


def _set(connection: duckdb.DuckDBPyConnection, name: str, value: object) -> None:
    connection.execute(f"set variable {name} = $1", [value])


def _variables(plan: Plan) -> dict[str, object]:
    groups = max(8, round(len(SLOTS) * plan.scale))
    blocks = -(-groups // len(SLOTS))

    def count(of_one: int) -> int:
        return max(1, round(of_one * plan.scale))

    return {
        "seed": plan.seed,
        "scale": float(plan.scale),
        "weeks": plan.weeks,
        "start_ts": f"{plan.start_day} 00:00:00",
        "end_t": plan.weeks * 7 * 86400,
        "week_shift": CYCLE_WEEKS - plan.weeks,
        "message_factor": float(plan.message_factor),
        "group_count": groups,
        "staff_count": STAFF * blocks,
        "alt_count": max(3, count(ALTS)),
        "bot_count": max(1, count(BOTS)),
        "merge_week": MERGE_WEEK,
        "merged_into": MERGED_INTO,
        "faulty_product": FAULTY_PRODUCT,
        "farmer_count": count(4),
        "quick_rejoins": count(12),
        "slow_rejoins": count(30),
        "selves": count(6),
        "paid_twice": count(5),
        "cycles": count(2),
        "not_new": count(9),
        "gamma_list": gamma_quantiles(shape=0.9, rate=6.0),
        "beta_list": beta_quantiles(0.55, 2.6),
        **TUNING,
    }


def _fission_waves(connection: duckdb.DuckDBPyConnection) -> None:
    waves = connection.execute(
        "select campaign_no, start_t, share from campaigns where campaign_type = 'fission' order by start_t"
    ).fetchall()
    for campaign_no, start_t, share in waves:
        _set(connection, "wave", campaign_no)
        _set(connection, "wave_t", start_t)
        _set(connection, "wave_share", share)
        for generation in range(1, GENERATIONS + 1):
            _set(connection, "generation", generation)
            run_sql(connection, "05_wave")
            run_sql(connection, "04_admit")


def build(connection: duckdb.DuckDBPyConnection, plan: Plan, say: Callable[[str], None]) -> None:
    """Create every table of the sample in `connection` but the messages, which are made file by file."""
    connection.execute(
        "create table slots (slot bigint, group_type varchar, size0 int, opens int, rate double, "
        "burst double, special varchar, flags varchar, owner int)"
    )
    connection.executemany("insert into slots values (?, ?, ?, ?, ?, ?, ?, ?, ?)", slot_rows())
    for name, value in _variables(plan).items():
        _set(connection, name, value)
    say("groups and people")
    for name in ("01_base", "02_groups", "02b_products", "03_people", "04_admit"):
        run_sql(connection, name)
    connection.execute(
        "create table invites (invite_no bigint, g bigint, inviter bigint, invitee bigint, invited_t bigint, "
        "joined_t bigint, campaign_no bigint, generation int, origin varchar)"
    )
    say("invitations")
    _fission_waves(connection)
    for name in ("06_referral", "04_admit", "07_moves", "04_admit", "08_traits"):
        run_sql(connection, name)
    say("who talks and who answers")
    for name in ("09_chat", "10_house", "11_levers", "11b_claims"):
        run_sql(connection, name)
    say("orders")
    for name in ("12_purchases", "13_orders", "14_order_rows", "15_invite_rows", "16_join_rows"):
        run_sql(connection, name)
