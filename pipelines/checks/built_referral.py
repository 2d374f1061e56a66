"""Gate 2: the invite tree is a forest: no cycle, and every count in it agrees with the members it counts."""

from __future__ import annotations

from pipelines.checks.model import Check, rows

_ADVICE = "Open the model of referral.tree: a chain of invites is cut at the wrong place, or was not cut."


def referral_checks() -> tuple[Check, ...]:
    """Checks of referral.tree against itself."""
    return _CHECKS


_CHECKS = (
    rows(
        "referral.tree.inviters_are_members", "referral.tree",
        """
select tree.member_id, tree.inviter_id, tree.generation
from referral.tree as tree
left join referral.tree as parent on parent.member_id = tree.inviter_id
where tree.inviter_id is not null
    and (parent.member_id is null or tree.inviter_id = tree.member_id)
order by tree.member_id, tree.inviter_id, tree.generation
""",
        "Every inviter in the tree is in the tree, and nobody invited themselves.", _ADVICE,
        needs=("join", "invite"),
    ),
    rows(
        "referral.tree.generations_follow", "referral.tree",
        """
select tree.member_id, tree.generation, parent.generation as inviter_generation
from referral.tree as tree
join referral.tree as parent on parent.member_id = tree.inviter_id
where tree.generation <> parent.generation + 1 or tree.root_member_id <> parent.root_member_id
order by tree.member_id, tree.generation, inviter_generation
""",
        "An invitee is one generation below the inviter and has the same root: there is no cycle.",
        _ADVICE, needs=("join", "invite"),
    ),
    rows(
        "referral.tree.descendants_add_up", "referral.tree",
        """
with children as (
    select inviter_id as member_id, count(*) as children, sum(descendants + 1) as below
    from referral.tree
    where inviter_id is not null
    group by inviter_id
)
select tree.member_id, tree.direct_invitees, tree.descendants, coalesce(children.below, 0) as below
from referral.tree as tree
left join children on children.member_id = tree.member_id
where tree.descendants <> coalesce(children.below, 0)
    or tree.direct_invitees <> coalesce(children.children, 0)
order by tree.member_id, tree.direct_invitees, tree.descendants, below
""",
        "A member's descendants are the direct invitees and all of theirs.", _ADVICE,
        needs=("join", "invite"),
    ),
    rows(
        "referral.tree.sizes_add_up", "referral.tree",
        """
with counted as (
    select root_member_id, count(*) as members
    from referral.tree
    group by root_member_id
)
select tree.member_id, tree.root_member_id, tree.tree_size, counted.members
from referral.tree as tree
join counted on counted.root_member_id = tree.root_member_id
where tree.tree_size <> counted.members
    or (tree.inviter_id is null and tree.root_member_id <> tree.member_id)
order by tree.member_id, tree.root_member_id, tree.tree_size, counted.members
""",
        "A tree is as large as the number of members who share its root; who was not invited is a root.",
        _ADVICE, needs=("join", "invite"),
    ),
)  # fmt: skip
