"""Gate 2: the invite tree is a forest, and every table of invitations counts the same ones."""

from __future__ import annotations

from pipelines.checks.model import Check, rows

_ADVICE = "Open the model of referral.tree: a chain of invites is cut at the wrong place, or was not cut."


def referral_checks() -> tuple[Check, ...]:
    """Checks of the tree against itself, of the tables of invitations against them, and of review lists."""
    return (*_CHECKS, *_SUMS, *_LISTS)


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

_SUM_ADVICE = "Open the model: an invitation is left out of it, or a join in it counts one twice."

_SUMS = (
    rows(
        "referral.inviters.sum_to_invites", "referral.inviters",
        """
with told as (
    select coalesce(sum(invites), 0) as invites, coalesce(sum(joined), 0) as joined
    from referral.inviters
),
counted as (
    select count(*) as invites, count(case when invites.outcome = 'joined' then 1 end) as joined
    from core.invites as invites
    join core.members as members on invites.inviter_id = members.member_id
    where members.is_counted
)
select told.invites, counted.invites as counted, told.joined, counted.joined as counted_joined
from told
cross join counted
where told.invites <> counted.invites or told.joined <> counted.joined
order by told.invites, counted, told.joined, counted_joined
""",
        "Inviters together sent, and had joined, as many invitations as core.invites has of counted members.",
        _SUM_ADVICE,
    ),
    rows(
        "referral.inviters.outcomes_make_invites", "referral.inviters",
        """
select inviter_id, invites, joined, pending, expired, not_counted
from referral.inviters
where invites <> joined + pending + expired + not_counted
order by inviter_id, invites, joined, pending, expired, not_counted
""",
        "Every invitation of an inviter joined, is pending, expired, or does not count.", _SUM_ADVICE,
    ),
    rows(
        "referral.flows.sum_to_joined", "referral.flows",
        """
with told as (select coalesce(sum(joined), 0) as joined from referral.flows),
counted as (select coalesce(sum(joined), 0) as joined from referral.inviters)
select told.joined, counted.joined as counted
from told
cross join counted
where told.joined <> counted.joined
order by told.joined, counted
""",
        "The flows between groups, unknown ones included, are all joined invitations.", _SUM_ADVICE,
    ),
    rows(
        "referral.generations.follow_the_tree", "referral.generations",
        """
with counted as (
    select generation, count(*) as members
    from referral.tree
    group by generation
)
select told.generation, told.members, told.joined_invitees, counted.members as counted,
    coalesce(below.members, 0) as next_members
from referral.generations as told
join counted on told.generation = counted.generation
left join counted as below on told.generation + 1 = below.generation
where told.members <> counted.members or told.joined_invitees <> coalesce(below.members, 0)
order by told.generation, told.members, told.joined_invitees, counted, next_members
""",
        "A generation has the members the tree has in it, and its invitees are the next generation.",
        _ADVICE,
    ),
    rows(
        "referral.quality.sources_make_cohorts", "referral.quality",
        """
with told as (
    select cohort_week, sum(members) as members
    from referral.quality
    group by cohort_week
)
select cohorts.cohort_week, cohorts.cohort_size, coalesce(told.members, 0) as told
from activation.cohorts as cohorts
left join told on cohorts.cohort_week = told.cohort_week
where cohorts.cohort_size <> coalesce(told.members, 0)
order by cohorts.cohort_week, cohorts.cohort_size, told
""",
        "Invited and not invited members of a cohort week are its whole cohort.",
        "Open referral.sources: a member of the cohort has no source, or two.",
    ),
)  # fmt: skip

_LISTS = (
    rows(
        "group_health.candidates.freeloaders_never_bought", "group_health.candidates",
        """
select candidates.kind, candidates.subject, count(*) as paid_orders
from group_health.candidates as candidates
join core.orders as orders on candidates.subject = orders.member_id
where candidates.kind = 'freeloader' and orders.is_paid and orders.paid_at < candidates.report_at
group by candidates.kind, candidates.subject
order by candidates.kind, candidates.subject, paid_orders
""",
        "Nobody who ever bought, silently or not, is on the list of members who only take.",
        "Open group_health.takers_only: a buyer is not left out.",
    ),
    rows(
        "group_health.candidates.only_members_and_buyers", "group_health.candidates",
        """
select candidates.kind, candidates.subject
from group_health.candidates as candidates
left join core.members as members on candidates.subject = members.member_id
where candidates.subject_kind = 'member' and coalesce(members.is_counted, false) = false
order by candidates.kind, candidates.subject
""",
        "No member of staff, bot or alt account is on a review list.",
        "Open the model group_health.candidates_… of that kind: it does not ask who counts as a member.",
    ),
    rows(
        "group_health.candidates.dead_groups_are_dead", "group_health.candidates",
        """
select candidates.kind, candidates.subject, groups.state
from group_health.candidates as candidates
join group_health.groups as groups on candidates.subject = groups.group_id
where candidates.kind = 'dead_group' and groups.state <> 'dead'
order by candidates.kind, candidates.subject, groups.state
""",
        "Every group on the list of dead groups has that state, so none that sells quietly is on it.",
        "Open group_health.candidates_group: it judges groups by itself.",
    ),
)  # fmt: skip
