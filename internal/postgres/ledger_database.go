package postgres

// databaseQuery lists what belongs to the database as a whole, or to the server for it, and that no kind models: privileges,
// settings, labels and comments. It speaks of live databases only: a dev database has its own.
const databaseQuery = `
  SELECT y.* FROM (
    SELECT 0, 0, 'database privilege', ` + granteeName + ` || ': ' || pg_catalog.string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type),
      'privileges on the database are not managed; use GRANT ... ON DATABASE'
    FROM pg_catalog.pg_database d CROSS JOIN LATERAL pg_catalog.aclexplode(d.datacl) a
    WHERE d.datname = pg_catalog.current_database() AND a.grantee <> d.datdba AND NOT (a.grantee = 0 AND a.privilege_type IN ('CONNECT', 'TEMPORARY') AND NOT a.is_grantable)
    GROUP BY a.grantee
    UNION ALL SELECT 0, 0, 'database privilege', 'PUBLIC: not all that a new database gives', 'privileges on the database are not managed; use REVOKE ... ON DATABASE'
    FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database() AND d.datacl IS NOT NULL
      AND (SELECT count(DISTINCT a.privilege_type) FROM pg_catalog.aclexplode(d.datacl) a WHERE a.grantee = 0 AND a.privilege_type IN ('CONNECT', 'TEMPORARY')) < 2
    UNION ALL SELECT 0, 0, 'tablespace privilege', t.spcname || ' to ' || ` + granteeName + `, 'tablespaces belong to the server; use GRANT ... ON TABLESPACE'
    FROM pg_catalog.pg_tablespace t CROSS JOIN LATERAL pg_catalog.aclexplode(t.spcacl) a WHERE a.grantee <> t.spcowner
    UNION ALL SELECT 0, 0, 'parameter privilege', p.name, 'parameters belong to the server; use GRANT ... ON PARAMETER'
    FROM pg_catalog.regexp_split_to_table(CASE WHEN pg_catalog.to_regclass('pg_catalog.pg_parameter_acl') IS NOT NULL THEN
      (SELECT pg_catalog."substring"(x.text, '<names>(.*)</names>') FROM (SELECT pg_catalog.query_to_xml(
        'SELECT pg_catalog.string_agg(parname, '' '' ORDER BY parname) AS names FROM pg_catalog.pg_parameter_acl', false, true, '')::text AS text) x) END, ' ') p(name)
    UNION ALL SELECT 0, 0, 'replication origin', o.roname, 'replication origins belong to the server; use pg_replication_origin_create'
    FROM pg_catalog.pg_replication_origin o WHERE o.roname !~ '^pg_[0-9]+' -- those of subscriptions come and go with them
    UNION ALL SELECT 0, 0, 'large object privilege', count(*) || ' of them', 'large objects are data, and so are privileges on them; use GRANT ... ON LARGE OBJECT'
    FROM pg_catalog.pg_largeobject_metadata m WHERE m.lomacl IS NOT NULL HAVING count(*) > 0
    UNION ALL SELECT 0, 0, 'database setting', pg_catalog.split_part(c.setting, '=', 1) || coalesce(' of ' || r.rolname, ''),
      CASE WHEN s.setrole = 0 THEN 'set it with ALTER DATABASE ... SET' ELSE 'set it with ALTER ROLE ... IN DATABASE ... SET' END
    FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase AND d.datname = pg_catalog.current_database()
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) c(setting)
    UNION ALL SELECT 0, 0, 'security label', l.provider || ' on ' || l.classoid::pg_catalog.regclass || ' ' || l.objoid, 'SECURITY LABEL is not managed'
    FROM pg_catalog.pg_shseclabel l
    UNION ALL SELECT 0, 0, 'database comment', d.datname, 'use COMMENT ON DATABASE'
    FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database() AND d.oid >= 16384
      AND pg_catalog.shobj_description(d.oid, 'pg_database') IS NOT NULL
    UNION ALL SELECT 0, 0, 'extension comment', 'plpgsql', 'plpgsql is part of each database; use COMMENT ON EXTENSION'
    FROM pg_catalog.pg_extension e WHERE e.extname = 'plpgsql' AND pg_catalog.obj_description(e.oid, 'pg_extension') IS DISTINCT FROM '` + plpgsqlComment + `'
    UNION ALL ` + memberPrivilegeQuery + `
  ) y WHERE pg_catalog.current_setting('transaction_read_only') = 'on'`

// plpgsqlComment is the comment that the extension plpgsql has in each new database.
const plpgsqlComment = "PL/pgSQL procedural language"

// granteeName is who an entry of a list of privileges, a, is for.
const granteeName = `CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.pg_get_userbyid(a.grantee) END`

// memberPrivilegeQuery lists what belongs to an extension, or to the server, and has other privileges than it came with
// (PostgreSQL manual, "pg_init_privs").
const memberPrivilegeQuery = `
    SELECT 0, 0, 'extension member privilege', CASE m.class WHEN 1259 THEN m.oid::pg_catalog.regclass::text WHEN 1255 THEN m.oid::pg_catalog.regprocedure::text
        WHEN 1247 THEN m.oid::pg_catalog.regtype::text WHEN 2612 THEN (SELECT 'language ' || l.lanname FROM pg_catalog.pg_language l WHERE l.oid = m.oid) ELSE m.oid::pg_catalog.regnamespace::text END, 'what an extension brings is never touched; use GRANT and REVOKE'
    FROM (
      SELECT 1259::oid AS class, c.oid, c.relacl AS acl FROM pg_catalog.pg_class c WHERE c.oid >= 16384
      UNION ALL SELECT 1255, p.oid, p.proacl FROM pg_catalog.pg_proc p WHERE p.oid >= 16384
      UNION ALL SELECT 1247, t.oid, t.typacl FROM pg_catalog.pg_type t WHERE t.oid >= 16384
      UNION ALL SELECT 2615, n.oid, n.nspacl FROM pg_catalog.pg_namespace n WHERE n.oid >= 16384
      UNION ALL SELECT 2612, l.oid, l.lanacl FROM pg_catalog.pg_language l WHERE l.oid >= 16384) m
    JOIN pg_catalog.pg_depend d ON d.classid = m.class AND d.objid = m.oid AND d.objsubid = 0 AND d.deptype = 'e'
    LEFT JOIN pg_catalog.pg_init_privs i ON i.classoid = m.class AND i.objoid = m.oid AND i.objsubid = 0
    WHERE m.acl IS DISTINCT FROM i.initprivs AND (m.acl IS NOT NULL OR i.objoid IS NOT NULL)
    UNION ALL SELECT 0, 0, 'privilege of the server', CASE x.class WHEN 1259 THEN x.oid::pg_catalog.regclass::text WHEN 2612 THEN (SELECT 'language ' || l.lanname FROM pg_catalog.pg_language l WHERE l.oid = x.oid) ELSE x.oid::pg_catalog.regprocedure::text END, 'what the server brings is never touched; use GRANT and REVOKE'
    FROM (
      SELECT 1259 AS class, c.oid, c.relacl AS acl, i.initprivs FROM pg_catalog.pg_class c
      LEFT JOIN pg_catalog.pg_init_privs i ON i.classoid = 1259 AND i.objoid = c.oid AND i.objsubid = 0 WHERE c.oid < 16384 AND c.relnamespace = 11
      UNION ALL SELECT 1255, p.oid, p.proacl, i.initprivs FROM pg_catalog.pg_proc p
      LEFT JOIN pg_catalog.pg_init_privs i ON i.classoid = 1255 AND i.objoid = p.oid AND i.objsubid = 0 WHERE p.oid < 16384 AND p.pronamespace = 11
      UNION ALL SELECT 2612, l.oid, l.lanacl, i.initprivs FROM pg_catalog.pg_language l
      LEFT JOIN pg_catalog.pg_init_privs i ON i.classoid = 2612 AND i.objoid = l.oid AND i.objsubid = 0
      WHERE l.oid < 16384) x
    WHERE x.acl IS DISTINCT FROM x.initprivs`
