-- Who took the red packets, in the groups whose source exports it.
create table claims as
select
    post_no,
    string_agg(member_id, ';' order by place) as claimed_by,
from (
    select
        po.post_no, pe.member_id, pk.shares,
        row_number() over (partition by po.post_no order by u('claims', po.post_no, s.person)
            * case when is_silent(s.person, s.g, gr.group_type) then 1.6 else 0.7 end, s.person)
            as place,
    from posts as po
    join groups as gr using (g)
    join packets as pk on pk.g = po.g and pk.t = po.t
    join seats as s on s.g = po.g and s.t < po.t and s.end_t > po.t
    join people as pe using (person)
    where po.lever = 'red_packet' and gr.has_claims
)
where place <= shares
group by post_no;
create table author_days (
    day int, g bigint, author bigint, messages bigint, meaningful bigint,
        checkins bigint,
        taps bigint, questions bigint
);
create table author_hours (hour bigint, g bigint, author bigint, what varchar, first_t bigint);
create table answer_times (asked_t bigint, seconds bigint);
