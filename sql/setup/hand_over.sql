-- Hands everything in this database that belongs to the user who runs it to the user named by the setting churn.owner.
-- What belongs to something else follows it: indexes, sequences of columns, array types, members of extensions.
do $$
declare
  new_owner constant text := current_setting('churn.owner');
  statement text;
begin
  for statement in
    with mine as (
      select oid from pg_roles where rolname = current_user
    ),

    ours as (
      select oid from pg_namespace where nspname !~ '^pg_' and nspname <> 'information_schema'
    ),

    followers as (
      select classid, objid from pg_depend
      where
        deptype = 'e'
        or (
          deptype in ('a', 'i') and refclassid = 'pg_class'::regclass and classid = 'pg_class'::regclass
          and objid in (select oid from pg_class where relkind = 'S')
        )
    )

    select format('alter schema %I owner to %I', nspname, new_owner)
    from pg_namespace
    where nspowner in (select oid from mine) and oid in (select oid from ours)
    union all
    select
      format(
        'alter %s %s owner to %I',
        case relkind
          when 'v' then 'view' when 'm' then 'materialized view' when 'S' then 'sequence' when 'c' then 'type' else 'table'
        end,
        oid::regclass, new_owner
      )
    from pg_class
    where
      relowner in (select oid from mine) and relnamespace in (select oid from ours)
      and relkind in ('r', 'p', 'v', 'm', 'S', 'c', 'f')
      and ('pg_class'::regclass, oid) not in (select classid, objid from followers)
    union all
    select format('alter routine %s owner to %I', oid::regprocedure, new_owner)
    from pg_proc
    where
      proowner in (select oid from mine) and pronamespace in (select oid from ours)
      and ('pg_proc'::regclass, oid) not in (select classid, objid from followers)
    union all
    select format('alter type %s owner to %I', oid::regtype, new_owner)
    from pg_type
    where
      typowner in (select oid from mine) and typnamespace in (select oid from ours) and typtype in ('e', 'd', 'r')
      and ('pg_type'::regclass, oid) not in (select classid, objid from followers)
    union all
    select
      format(
        'alter default privileges for role %I %s grant %s on %s to %I',
        new_owner, 'in schema ' || quote_ident(pg_namespace.nspname), acl.privilege_type,
        case defaclobjtype when 'r' then 'tables' when 'S' then 'sequences' when 'f' then 'functions' else 'types' end,
        pg_roles.rolname
      )
    from pg_default_acl
    cross join lateral aclexplode(pg_default_acl.defaclacl) as acl
    inner join pg_roles on acl.grantee = pg_roles.oid
    left join pg_namespace on pg_default_acl.defaclnamespace = pg_namespace.oid
    where pg_default_acl.defaclrole in (select oid from mine) and pg_roles.oid <> pg_default_acl.defaclrole
  loop
    execute statement;
  end loop;
end
$$;
