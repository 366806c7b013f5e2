package postgres

// watchedOwnerQuery reads all owners; see ownerQuery for those of which it speaks.
const watchedOwnerQuery = `
SELECT x.class, x.oid, o.rolname AS role, o.rolname = current_user AS usual
FROM (` + ownedObjects + `
) x
JOIN pg_catalog.pg_roles o ON o.oid = x.owner
ORDER BY 1, 2`

// watchedQuery reads what kinds do not hold of their objects: triggers behind constraints, indexes that were not finished,
// views without rows, and partitions whose detaching was cut off.
const watchedQuery = `
SELECT y.class, y.oid, y.sub, y.part, y.attr, y.value, y.set, y.unset FROM (
  SELECT 2606 AS class, k.oid, 0 AS sub, '' AS part, 'triggers' AS attr, pg_catalog.string_agg(DISTINCT CASE g.tgenabled WHEN 'D' THEN 'disabled' WHEN 'R' THEN 'replica only' ELSE 'always' END || ' on ' || g.tgrelid::pg_catalog.regclass, ', ') AS value,
    '' AS set, pg_catalog.string_agg('ALTER TABLE ' || g.tgrelid::pg_catalog.regclass || ' ENABLE TRIGGER ' || pg_catalog.quote_ident(g.tgname), E';\n' ORDER BY g.tgname) AS unset
  FROM pg_catalog.pg_trigger g JOIN pg_catalog.pg_constraint k ON k.oid = g.tgconstraint
  WHERE g.tgisinternal AND g.tgenabled <> 'O' AND k.contype <> 't'
  GROUP BY k.oid
  UNION ALL
  SELECT 2606, k.oid, 0, '', 'invalid', 'true', '', 'REINDEX INDEX ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
  FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_index i ON i.indexrelid = k.conindid JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE k.contype IN ('p', 'u', 'x') AND c.oid >= 16384 AND NOT i.indisvalid
  UNION ALL
  SELECT 1259, c.oid, 0, '', 'populated', 'false', '', 'REFRESH MATERIALIZED VIEW ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.relname)
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND NOT c.relispopulated
  UNION ALL
  SELECT 1259, (i->>'inhrelid')::oid, 0, '', 'detaching', 'begun, not finished', '',
    'ALTER TABLE ' || (i->>'inhparent')::oid::pg_catalog.regclass || ' DETACH PARTITION ' || (i->>'inhrelid')::oid::pg_catalog.regclass || ' FINALIZE'
  FROM (SELECT pg_catalog.to_jsonb(i) AS i FROM pg_catalog.pg_inherits i) i WHERE (i->>'inhdetachpending')::boolean
) y
ORDER BY 1, 2, 3, 5`

// watchedPlaceQuery reads what belongs to the database as a whole. A dev database, which is read in the transaction that
// loaded it, has its own.
const watchedPlaceQuery = `
SELECT y.kind, y.name, y.attr, y.value, y.set, y.unset, y.place FROM (
  SELECT 'database' AS kind, '` + thisDatabase + `' AS name, x.attr, x.value, x.set, x.unset, x.place
  FROM pg_catalog.pg_database d
  JOIN pg_catalog.pg_tablespace s ON s.oid = d.dattablespace
  CROSS JOIN LATERAL (VALUES
    ('name', pg_catalog.quote_ident(d.datname)::text, '', '', true),
    ('owner', pg_catalog.pg_get_userbyid(d.datdba)::text, 'ALTER DATABASE ` + databaseMark + ` OWNER TO ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.datdba)), NULL, true),
    ('encoding', pg_catalog.pg_encoding_to_char(d.encoding)::text, '', '', true),
    ('collate', d.datcollate::text, '', '', true),
    ('ctype', d.datctype::text, '', '', true),
    ('locale_provider', pg_catalog.to_jsonb(d)->>'datlocprovider', '', '', true),
    ('locale', coalesce(pg_catalog.to_jsonb(d)->>'datlocale', pg_catalog.to_jsonb(d)->>'daticulocale'), '', '', true),
    ('tablespace', s.spcname::text, 'ALTER DATABASE ` + databaseMark + ` SET TABLESPACE ' || pg_catalog.quote_ident(s.spcname), NULL, true),
    ('connection_limit', NULLIF(d.datconnlimit, -1)::text, 'ALTER DATABASE ` + databaseMark + ` CONNECTION LIMIT ' || d.datconnlimit, 'ALTER DATABASE ` + databaseMark + ` CONNECTION LIMIT -1', false),
    ('allow_connections', CASE WHEN NOT d.datallowconn THEN 'false' END, 'ALTER DATABASE ` + databaseMark + ` ALLOW_CONNECTIONS false', 'ALTER DATABASE ` + databaseMark + ` ALLOW_CONNECTIONS true', false),
    ('is_template', CASE WHEN d.datistemplate THEN 'true' END, 'ALTER DATABASE ` + databaseMark + ` IS_TEMPLATE true', 'ALTER DATABASE ` + databaseMark + ` IS_TEMPLATE false', false),
    ('comment', CASE WHEN d.oid >= 16384 THEN pg_catalog.shobj_description(d.oid, 'pg_database') END,
      'COMMENT ON DATABASE ` + databaseMark + ` IS ' || pg_catalog.quote_literal(pg_catalog.shobj_description(d.oid, 'pg_database')), 'COMMENT ON DATABASE ` + databaseMark + ` IS NULL', false)
  ) x(attr, value, set, unset, place)
  WHERE d.datname = pg_catalog.current_database() AND x.value IS NOT NULL
  UNION ALL
  SELECT 'database setting', pg_catalog.split_part(c.setting, '=', 1) || coalesce(' of ' || r.rolname, ''), 'value', pg_catalog."substring"(c.setting, pg_catalog.strpos(c.setting, '=') + 1),
    h.head || ' SET ' || pg_catalog.split_part(c.setting, '=', 1) || ' = ' || CASE WHEN c.setting ~* '^(search_path|temp_tablespaces|session_preload_libraries|shared_preload_libraries|local_preload_libraries|datestyle|unix_socket_directories)='
      THEN coalesce(NULLIF(pg_catalog."substring"(c.setting, pg_catalog.strpos(c.setting, '=') + 1), ''), '''''') ELSE pg_catalog.quote_literal(pg_catalog."substring"(c.setting, pg_catalog.strpos(c.setting, '=') + 1)) END,
    h.head || ' RESET ' || pg_catalog.split_part(c.setting, '=', 1), false
  FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase AND d.datname = pg_catalog.current_database()
  LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.setrole CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) c(setting)
  CROSS JOIN LATERAL (SELECT CASE WHEN r.rolname IS NULL THEN 'ALTER DATABASE ` + databaseMark + `' ELSE 'ALTER ROLE ' || pg_catalog.quote_ident(r.rolname) || ' IN DATABASE ` + databaseMark + `' END AS head) h
  UNION ALL
  SELECT 'database privilege', g.grantee, 'privileges', coalesce(g.has, 'none'), NULLIF(pg_catalog.concat_ws(E';\n', 'REVOKE ALL ON DATABASE ` + databaseMark + ` FROM ' || g.quoted,
      CASE WHEN g.has IS NOT NULL THEN 'GRANT ' || g.has || ' ON DATABASE ` + databaseMark + ` TO ' || g.quoted END), ''),
    CASE WHEN g.grantee = 'PUBLIC' THEN 'GRANT CONNECT, TEMPORARY ON DATABASE ` + databaseMark + ` TO PUBLIC' ELSE 'REVOKE ALL ON DATABASE ` + databaseMark + ` FROM ' || g.quoted END, false
  FROM (
    SELECT ` + granteeName + ` AS grantee, CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(a.grantee)) END AS quoted,
      pg_catalog.string_agg(a.privilege_type || CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END, ', ' ORDER BY a.privilege_type) AS has
    FROM pg_catalog.pg_database d CROSS JOIN LATERAL pg_catalog.aclexplode(d.datacl) a
    WHERE d.datname = pg_catalog.current_database() AND a.grantee <> d.datdba GROUP BY a.grantee
    UNION ALL SELECT 'PUBLIC', 'PUBLIC', NULL FROM pg_catalog.pg_database d
    WHERE d.datname = pg_catalog.current_database() AND d.datacl IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(d.datacl) a WHERE a.grantee = 0)
    UNION ALL SELECT '(owner)', pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.datdba)), pg_catalog.string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
    FROM pg_catalog.pg_database d LEFT JOIN LATERAL pg_catalog.aclexplode(d.datacl) a ON a.grantee = d.datdba
    WHERE d.datname = pg_catalog.current_database() AND d.datacl IS NOT NULL GROUP BY d.datdba
  ) g
  WHERE NOT (g.grantee = 'PUBLIC' AND g.has IS NOT DISTINCT FROM 'CONNECT, TEMPORARY') AND NOT (g.grantee = '(owner)' AND g.has IS NOT DISTINCT FROM 'CONNECT, CREATE, TEMPORARY')
  UNION ALL
  SELECT 'conversion', n.nspname || '.' || c.conname, x.attr, x.value, NULL, CASE x.attr WHEN 'definition' THEN 'DROP CONVERSION ' || pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(c.conname) END, x.place
  FROM pg_catalog.pg_conversion c JOIN pg_catalog.pg_namespace n ON n.oid = c.connamespace
  CROSS JOIN LATERAL (VALUES ('owner', pg_catalog.pg_get_userbyid(c.conowner)::text, false), ('definition', pg_catalog.pg_encoding_to_char(c.conforencoding)::text || ' to '
    || pg_catalog.pg_encoding_to_char(c.contoencoding) || ' by ' || c.conproc::pg_catalog.regproc || CASE WHEN c.condefault THEN ' default' ELSE '' END, false),
    ('comment', pg_catalog.obj_description(c.oid, 'pg_conversion'), false)) x(attr, value, place)
  WHERE c.oid >= 16384 AND x.value IS NOT NULL
  UNION ALL
  SELECT 'access method', a.amname::text, x.attr, x.value, NULL, CASE x.attr WHEN 'handler' THEN 'DROP ACCESS METHOD ' || pg_catalog.quote_ident(a.amname) END, false
  FROM pg_catalog.pg_am a CROSS JOIN LATERAL (VALUES ('handler', a.amhandler::pg_catalog.regproc || ' ' || a.amtype::text), ('comment', pg_catalog.obj_description(a.oid, 'pg_am'))) x(attr, value)
  WHERE a.oid >= 16384 AND x.value IS NOT NULL AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = 2601 AND e.objid = a.oid AND e.deptype = 'e')
  UNION ALL
  SELECT 'extension comment', 'plpgsql', 'comment', coalesce(pg_catalog.obj_description(e.oid, 'pg_extension'), 'none'),
    coalesce('COMMENT ON EXTENSION plpgsql IS ' || pg_catalog.quote_literal(pg_catalog.obj_description(e.oid, 'pg_extension')), 'COMMENT ON EXTENSION plpgsql IS NULL'),
    'COMMENT ON EXTENSION plpgsql IS ' || pg_catalog.quote_literal('` + plpgsqlComment + `'), false
  FROM pg_catalog.pg_extension e WHERE e.extname = 'plpgsql' AND pg_catalog.obj_description(e.oid, 'pg_extension') IS DISTINCT FROM '` + plpgsqlComment + `'
  UNION ALL
  SELECT 'security label', l.provider || ' on ' || pg_catalog.pg_describe_object(l.classoid, l.objoid, l.objsubid), 'label', l.label, '', '', false
  FROM pg_catalog.pg_seclabel l
  UNION ALL
  SELECT CASE WHEN m.own THEN 'privilege of the server' ELSE 'extension member privilege' END, m.name, 'privileges', coalesce(m.acl::text, 'the usual ones'), '', '', m.name LIKE 'information\_schema%'
  FROM (
    SELECT x.*, i.initprivs, x.oid < 16384 AS own FROM (
      SELECT 1259 AS class, c.oid, c.oid::pg_catalog.regclass::text AS name, c.relacl AS acl FROM pg_catalog.pg_class c WHERE c.relacl IS NOT NULL
      UNION ALL SELECT 1255, p.oid, p.oid::pg_catalog.regprocedure::text, p.proacl FROM pg_catalog.pg_proc p WHERE p.proacl IS NOT NULL
      UNION ALL SELECT 1247, t.oid, t.oid::pg_catalog.regtype::text, t.typacl FROM pg_catalog.pg_type t WHERE t.typacl IS NOT NULL
      UNION ALL SELECT 2615, n.oid, n.nspname::text, n.nspacl FROM pg_catalog.pg_namespace n WHERE n.nspacl IS NOT NULL AND n.nspname <> 'public'
      UNION ALL SELECT 2612, l.oid, 'language ' || l.lanname, l.lanacl FROM pg_catalog.pg_language l WHERE l.lanacl IS NOT NULL
    ) x LEFT JOIN pg_catalog.pg_init_privs i ON i.classoid = x.class AND i.objoid = x.oid AND i.objsubid = 0
    WHERE x.oid < 16384 OR EXISTS (SELECT FROM pg_catalog.pg_depend e WHERE e.classid = x.class AND e.objid = x.oid AND e.objsubid = 0 AND e.deptype = 'e')
  ) m WHERE m.acl IS DISTINCT FROM m.initprivs
) y
WHERE pg_catalog.current_setting('transaction_read_only') = 'on'
ORDER BY 1, 2, 3`

// watchedRoleQuery reads the roles that have to do with the database, and what they are and are set to: those that own
// something in it or may do something with it, and the roles that these are members of.
const watchedRoleQuery = `
WITH RECURSIVE own(oid) AS (
  SELECT s.refobjid FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_database d ON d.datname = pg_catalog.current_database()
  WHERE s.refclassid = 1260 AND (s.dbid = d.oid OR s.classid = 1262 AND s.objid = d.oid)
  UNION SELECT m.roleid FROM pg_catalog.pg_auth_members m JOIN own ON own.oid = m.member
)
SELECT y.kind, y.name, y.attr, y.value, y.set, y.unset FROM (
  SELECT 'role' AS kind, r.rolname::text AS name, x.attr, x.value, x.set, x.unset
  FROM pg_catalog.pg_roles r JOIN own ON own.oid = r.oid
  CROSS JOIN LATERAL (SELECT 'ALTER ROLE ' || pg_catalog.quote_ident(r.rolname) || ' ' AS head) h
  CROSS JOIN LATERAL (VALUES
    ('login', r.rolcanlogin::text, h.head || CASE WHEN r.rolcanlogin THEN '' ELSE 'NO' END || 'LOGIN', NULL),
    ('superuser', r.rolsuper::text, h.head || CASE WHEN r.rolsuper THEN '' ELSE 'NO' END || 'SUPERUSER', NULL),
    ('inherit', r.rolinherit::text, h.head || CASE WHEN r.rolinherit THEN '' ELSE 'NO' END || 'INHERIT', NULL),
    ('create_db', r.rolcreatedb::text, h.head || CASE WHEN r.rolcreatedb THEN '' ELSE 'NO' END || 'CREATEDB', NULL),
    ('create_role', r.rolcreaterole::text, h.head || CASE WHEN r.rolcreaterole THEN '' ELSE 'NO' END || 'CREATEROLE', NULL),
    ('replication', r.rolreplication::text, h.head || CASE WHEN r.rolreplication THEN '' ELSE 'NO' END || 'REPLICATION', NULL),
    ('bypass_rls', r.rolbypassrls::text, h.head || CASE WHEN r.rolbypassrls THEN '' ELSE 'NO' END || 'BYPASSRLS', NULL),
    ('connection_limit', r.rolconnlimit::text, h.head || 'CONNECTION LIMIT ' || r.rolconnlimit, NULL),
    ('valid_until', r.rolvaliduntil::text, h.head || 'VALID UNTIL ' || pg_catalog.quote_literal(r.rolvaliduntil), h.head || 'VALID UNTIL ''infinity'''),
    ('comment', pg_catalog.shobj_description(r.oid, 'pg_authid'), 'COMMENT ON ROLE ' || pg_catalog.quote_ident(r.rolname) || ' IS ' || pg_catalog.quote_literal(pg_catalog.shobj_description(r.oid, 'pg_authid')),
      'COMMENT ON ROLE ' || pg_catalog.quote_ident(r.rolname) || ' IS NULL'),
    ('member_of', (SELECT pg_catalog.string_agg(DISTINCT g.rolname || CASE WHEN m.admin_option THEN ' WITH ADMIN OPTION' ELSE '' END, ', ') FROM pg_catalog.pg_auth_members m
      JOIN pg_catalog.pg_roles g ON g.oid = m.roleid WHERE m.member = r.oid), '', '')
  ) x(attr, value, set, unset)
  WHERE r.oid >= 16384 AND x.value IS NOT NULL
  UNION ALL
  SELECT 'role setting', pg_catalog.split_part(c.setting, '=', 1) || ' of ' || r.rolname, 'value', pg_catalog."substring"(c.setting, pg_catalog.strpos(c.setting, '=') + 1),
    'ALTER ROLE ' || pg_catalog.quote_ident(r.rolname) || ' SET ' || pg_catalog.split_part(c.setting, '=', 1) || ' = ' || pg_catalog.quote_literal(pg_catalog."substring"(c.setting, pg_catalog.strpos(c.setting, '=') + 1)),
    'ALTER ROLE ' || pg_catalog.quote_ident(r.rolname) || ' RESET ' || pg_catalog.split_part(c.setting, '=', 1)
  FROM pg_catalog.pg_db_role_setting s JOIN own ON own.oid = s.setrole JOIN pg_catalog.pg_roles r ON r.oid = s.setrole CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) c(setting)
  WHERE s.setdatabase = 0
) y
WHERE pg_catalog.current_setting('transaction_read_only') = 'on'
ORDER BY 1, 2, 3`
