-- The event names of each step of a funnel, sorted: ['b|a', 'c'] gives [['a', 'b'], ['c']].
create or replace macro explore.step_names(steps) as
    list_transform(coalesce(cast(steps as varchar[]), []), lambda step:
        list_sort(list_distinct(list_transform(string_split(coalesce(step, ''), '|'),
            lambda name: trim(name)))))
