-- Random numbers that depend on the seed, a purpose and two numbers only: never on threads or on
-- order.
create macro u(purpose, a, b) as
    ((hash(hash(getvariable('seed')::bigint, purpose, a::bigint, b::bigint)) >> 11)::double + 0.5)
    / 9007199254740992.0;
create macro z(purpose, a, b) as
    sqrt(-2 * ln(u(purpose || '/r', a, b))) * cos(2 * pi() * u(purpose || '/a', a, b));
create macro expo(purpose, a, b) as -ln(u(purpose, a, b));
-- The n-th of a list, n uniform.
create macro pick(list_of, x) as list_of[1 + least(floor(x * len(list_of))::int, len(list_of) - 1)];
-- A number with leading zeros; longer numbers stay whole.
create macro padded(n, width) as
    lpad(n::varchar, greatest(width, length(n::varchar))::int, '0');
-- Seconds since the first day to a local time.
create macro ts(t) as getvariable('start_ts')::timestamp + to_seconds(t::bigint);
create macro day_of(t) as getvariable('start_ts')::date + floor(t / 86400.0)::int;
-- Day number and week of the plan (1 to 26; earlier weeks are 0 and below).
create macro plan_week(t) as floor(t / 604800.0)::int + 1 + getvariable('week_shift')::int;
-- The campaigns repeat every 26 weeks.
create macro cycle_week(t) as ((plan_week(t) - 1) % 26 + 26) % 26 + 1;
create macro plan_t(week) as (week - 1 - getvariable('week_shift')::int) * 604800::bigint;
-- Scrambles 40 bits one to one, so that ids look random and never meet.
create macro mixed(n) as
    ((n::hugeint * 660463729573 + getvariable('seed')::hugeint
        * 76543217) % 1099511627776)::ubigint;
create macro scramble(n) as
    ((xor(mixed(n), mixed(n) >> 19)::hugeint * 387276917941) % 1099511627776)::ubigint;
create macro external_id(n) as 'wm' || lpad(lower(to_hex(xor(scramble(n), scramble(n) >> 21))), 10,
    '0');
