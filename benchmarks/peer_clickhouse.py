"""ClickHouse's answers of the Parquet files, by chDB.

`python -m benchmarks.peer_clickhouse QUESTION FOLDER END MEMORY_MIB`, in an environment that has chDB.
Columns are read as not nullable, which is faster: a missing id is empty, a missing flag false, a missing
time 1970.
"""

from __future__ import annotations

import json
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

import chdb

from benchmarks.measured import MIB, measure_here, threads_told
from benchmarks.questions import ALSO_ACTIVE, MEANINGFUL, PAID_KINDS, WEEKS

MEANS = f"kind in {MEANINGFUL} and not is_emoji_only"
ACTIVE = f"(({MEANS}) or kind in {ALSO_ACTIVE})"
PAID = f"kind in {PAID_KINDS} and status <> 'cancelled' and paid_at > toDateTime64('1971-01-01', 6)"
FIRSTS = (
    "(select member_id, min(occurred_at) as joined_at, toMonday(joined_at) as cohort_week from {joins} "
    "where action = 'join' and member_id not in (select member_id from {staff}) group by member_id)"
)
EVENTS = (
    f"select member_id, occurred_at as moment from {{messages}} where {ACTIVE} "
    f"union all select member_id, paid_at as moment from {{orders}} where {PAID} and member_id <> ''"
)
SQL = {
    # One pass: everybody's first join and set of active weeks.
    "retention": f"""
select toString(cohort_week), week_index, count() from (
    select member_id, toMonday(minIf(moment, is_join)) as cohort_week, countIf(is_join) as joins,
        arrayJoin(groupUniqArrayIf(toMonday(moment), not is_join)) as week,
        intDiv(dateDiff('day', cohort_week, week), 7) as week_index
    from (
        select member_id, moment, false as is_join from ({EVENTS})
        union all
        select member_id, occurred_at as moment, true as is_join from {{joins}} where action = 'join'
    )
    where member_id not in (select member_id from {{staff}})
    group by member_id
)
where joins > 0 and week >= cohort_week and week_index <= {WEEKS}
group by cohort_week, week_index order by cohort_week, week_index""",
    "funnel": f"""
select toString(cohort_week), count(), sum(a), sum(r), sum(p), sum(f), sum(a and r), sum(a and r and p),
    sum(a and r and p and f)
from (
    select firsts.cohort_week as cohort_week, activity.a as a, activity.r as r,
        firsts.member_id in (
            select member_id from {{orders}} as orders inner join {FIRSTS} as own using (member_id)
            where {PAID} and paid_at >= joined_at and paid_at < joined_at + interval 720 hour) as p,
        firsts.member_id in (
            select inviter_id from {{invites}} as invites
            inner join {FIRSTS} as own on invites.inviter_id = own.member_id
            inner join {FIRSTS} as invitees on invites.invitee_id = invitees.member_id
            where invitees.joined_at >= own.joined_at
                and invitees.joined_at < own.joined_at + interval 720 hour
                and invites.inviter_id <> invites.invitee_id) as f
    from {FIRSTS} as firsts
    left join (
        select member_id, max(moment >= joined_at and moment < joined_at + interval 168 hour) as a,
            max(moment >= cohort_week + 28 and moment < cohort_week + 35) as r
        from ({EVENTS}) as events inner join {FIRSTS} as own using (member_id)
        group by member_id
    ) as activity on firsts.member_id = activity.member_id
)
group by cohort_week order by cohort_week""",
    "revenue": f"""
select toString(toMonday(paid_at)) as week, sumIf(cents, kind <> 'refund'), sumIf(cents, kind = 'refund'),
    countIf(kind <> 'refund'), uniqExactIf(member_id, kind <> 'refund' and member_id <> '')
from {{orders}} where ({PAID}) or kind = 'refund'
group by week order by week""",
    "groups": f"""
select group_id, length(counts), countIf_7d, arraySum(counts), arraySum(arraySlice(counts, -3)),
    arraySum(arrayMap((own, place) -> own * place, counts, arrayEnumerate(counts)))
from (
    select group_id, arraySort(groupArray(own)) as counts, countIf(own_7d > 0) as countIf_7d
    from (
        select group_id, member_id from {{joins}} where action = 'join'
            and (group_id, member_id) not in (
                select group_id, member_id from {{joins}} where action <> 'join')
            and member_id not in (select member_id from {{staff}})
    ) as present
    left join (
        select group_id, member_id, toInt64(count()) as own,
            countIf(occurred_at >= toDate('{{end}}') - 7) as own_7d
        from {{messages}}
        where occurred_at >= toDate('{{end}}') - 28 and occurred_at < toDate('{{end}}') and {MEANS}
        group by group_id, member_id
    ) as posts using (group_id, member_id)
    group by group_id
)
order by group_id""",
}


def main(question: str, folder: Path, end: str, memory_mib: int) -> None:
    """Answer one question and print what it took."""
    files = {
        name: f"file('{folder / name}.parquet', Parquet)"
        for name in ("messages", "joins", "orders", "invites", "staff")
    }
    settings = (
        " settings schema_inference_make_columns_nullable = 0, session_timezone = 'UTC', "
        f"max_threads = {threads_told()}, max_memory_usage = {memory_mib * MIB}"
    )

    def answer() -> dict[str, Any]:
        told = str(chdb.query(SQL[question].format(**files, end=end) + settings, "JSONCompactEachRow"))
        rows = [json.loads(line) for line in told.splitlines()]
        names = [[row[0], *(int(cell) for cell in row[1:])] for row in rows]
        return {"answer": names, "version": version("chdb")}

    measure_here(answer)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]))
