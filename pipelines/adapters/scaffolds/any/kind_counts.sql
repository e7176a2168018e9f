<% for level in kind.levels %>
        << ("count(*) filter (where " ~ kind.stem ~ " = " ~ level.value | sql ~ ")") | column(kind.measure(level)) >>,
<% endfor %>
<% if kind.has_other %>
        count(*) filter (
            where << kind.stem >> not in (
<% for level in kind.levels %>
                << level.value | sql >><< "" if loop.last else "," >>
<% endfor %>
            )
        ) as << kind.other >>,
<% endif %>
