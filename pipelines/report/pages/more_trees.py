"""For analysts: who was brought by whom, as trees, and from which group into which."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pipelines.report.context import Build
from pipelines.report.drawings import shown_share
from pipelines.report.figures import Figure, Table, bars, figure
from pipelines.report.metrics import metric
from pipelines.report.numbers import known, written
from pipelines.report.share import is_few
from pipelines.report.text import plain, word

SIZES = ((2, 2), (3, 3), (4, 5), (6, 10), (11, 20), (21, 50), (51, None))
EACH, NODES, DEEPEST, FLOWS = 2, 10, 6, 20
TAIL = 4


@dataclass(frozen=True)
class Node:
    """One member of a tree: `name` ends the id, `below` counts who is under them, `more` who is left out."""

    name: str
    below: int
    level: int
    more: int


def masked(member_id: object) -> str:
    """Return the end of a member's id, which is enough to find them again and says nothing of them."""
    return f"…{str(member_id)[-TAIL:]}"


def tree_figure(build: Build) -> Figure | None:
    """Draw how many invite trees there are of which size."""
    if not build.warehouse.has("referral.tree"):
        return None
    rows = build.warehouse.unprotected().rows(
        """
        select root_member_id, max(tree_size) as size, max(generation) as depth from referral.tree
        where root_member_id in (select root_member_id from referral.tree where generation > 0)
        group by root_member_id
        """
    )
    if not rows:
        return None
    sizes = [int(row["size"]) for row in rows]
    counts: list[int | None] = [
        sum(low <= size and (high is None or size <= high) for size in sizes) for low, high in SIZES
    ]
    if build.warehouse.is_shared:
        counts = [None if is_few((n or 0) * low) else n for n, (low, _) in zip(counts, SIZES, strict=True)]
    labels = [
        f"{low}+" if high is None else str(low) if low == high else f"{low}–{high}" for low, high in SIZES
    ]
    return figure(
        "fig-more-trees",
        word("more.trees"),
        word(
            "more.trees.take",
            n=written(len(rows), "count"),
            size=written(max(sizes), "count"),
            depth=written(max(int(row["depth"]) for row in rows), "count"),
            pairs=written(None if counts[0] is None else counts[0] / len(rows), "rate"),
        ),
        [bars(labels, counts, word("more.trees.count"), "main")],
        Table(
            (metric("tree_size").label, word("more.trees.count")),
            tuple((label, written(count, "count")) for label, count in zip(labels, counts, strict=True)),
        ),
        terms=("tree_size", "generation"),
        showlegend=False,
        yaxis={"tickformat": ",d"},
        meta={"xaxis": {"zh": metric("tree_size").label.zh, "en": metric("tree_size").label.en}},
    )


def largest_trees(build: Build) -> list[dict[str, Any]]:
    """Return the largest and the deepest trees: size, depth, members top down, the widest branches first.

    A shared report shows no list of single members.
    """
    if build.warehouse.is_shared or not build.warehouse.has("referral.tree"):
        return []
    rows = build.warehouse.rows(
        f"""
        with trees as (
            select root_member_id, max(tree_size) as size, max(generation) as depth from referral.tree
            where root_member_id in (select root_member_id from referral.tree where generation > 0)
            group by root_member_id
        ),
        roots as (
            select * from trees
            qualify row_number() over (order by size desc, depth desc, root_member_id) <= {EACH}
                or row_number() over (order by depth desc, size desc, root_member_id) <= {EACH}
        )
        select roots.size, roots.depth, tree.root_member_id, tree.member_id, tree.inviter_id, tree.generation,
            tree.descendants
        from roots join referral.tree as tree using (root_member_id)
        order by roots.size desc, roots.depth desc, tree.root_member_id, tree.generation,
            tree.descendants desc, tree.member_id
        """
    )
    trees: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        trees.setdefault(str(row["root_member_id"]), []).append(row)
    return [
        {"size": known(members[0]["size"]), "depth": known(members[0]["depth"]), "nodes": _nodes(members)}
        for members in trees.values()
    ]


def _nodes(members: list[dict[str, Any]]) -> list[Node]:
    """Walk a tree from its root, at most `NODES` members and `DEEPEST` levels; loops cannot trap the walk."""
    children: dict[Any, list[dict[str, Any]]] = {}
    for row in members:
        if row["generation"]:
            children.setdefault(row["inviter_id"], []).append(row)
    found: list[Node] = []
    left = [(row, 0) for row in members if not row["generation"]][:1]
    seen: set[Any] = set()
    while left and len(found) < NODES:
        row, level = left.pop(0)
        if row["member_id"] in seen:
            continue
        seen.add(row["member_id"])
        found.append(Node(masked(row["member_id"]), int(row["descendants"]), level, 0))
        if level < DEEPEST:
            left = [(child, level + 1) for child in children.get(row["member_id"], [])] + left
    hidden = len(members) - len(found)
    return [*found, Node("", 0, 1, hidden)] if hidden else found


def flows(build: Build) -> dict[str, Any] | None:
    """Return the strongest flows from the inviter's group to the group joined first, and the sums."""
    if not build.warehouse.has("referral.flows", "core.groups"):
        return None
    rows = build.warehouse.unprotected().rows(
        """
        select f.from_group, f.to_group, f.joined, f.inviters,
            a.group_name as from_name, b.group_name as to_name, f.joined / sum(f.joined) over () as share
        from referral.flows as f
        left join core.groups as a on a.group_id = f.from_group
        left join core.groups as b on b.group_id = f.to_group
        where f.joined > 0
        order by f.joined desc, f.from_group, f.to_group
        """
    )
    if not rows:
        return None
    total = sum(row["joined"] for row in rows)
    within = sum(row["joined"] for row in rows if row["from_group"] == row["to_group"])
    take = word(
        "more.flows.take", n=written(total, "count"), same=written(within / total, "rate"), rows=len(rows)
    )
    if build.warehouse.is_shared:
        rows = [row for row in build.warehouse.protected(rows) if row["joined"] is not None]
        take = plain("") if any(map(is_few, (total, within, total - within))) else take
    top = [known(row["joined"]) for row in rows]
    return {
        "take": take,
        "rows": [
            row
            | {
                "bar": shown_share(known(row["joined"]), top),
                "from": _named(row["from_group"], row["from_name"]),
                "to": _named(row["to_group"], row["to_name"]),
                "from_href": build.group_page(row["from_group"]),
                "to_href": build.group_page(row["to_group"]),
            }
            for row in rows[:FLOWS]
        ],
        "more": max(len(rows) - FLOWS, 0),
    }


def _named(group_id: object, name: object) -> Any:
    return word("more.unknown") if group_id == "unknown" else plain(name or group_id)
