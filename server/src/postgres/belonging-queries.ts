/** What is read of the things that hang on tables and decide nothing: privileges, comments, storage parameters, publications, … */

/** More statements are not read: notes of scripts say then that not all is known (`belongingsCut`). */
export const mostBelongingRows = 50_000;

/** So many tables stand in one GRANT: a statement for each would cost more than all the rest. */
const tablesTogether = 200;

/**
 * One row for each statement that gives something to a table beyond what every table has; `rank` puts them behind the triggers
 * and policies that they may be about. What thousands of partitions are granted alike comes in few statements.
 *
 * @param serverVersion as `server_version_num`
 * @param isRead the condition on `n`, a row of `pg_namespace`, and `c`, one of `pg_class`, by which tables are read
 */
export function belongingsQuery(serverVersion: number, isRead: string): string {
  const from = (major: number, text: string, otherwise: string): string =>
    serverVersion >= major * 10_000 ? text : otherwise;
  const table = "t.written";
  const role = (column: string): string =>
    `CASE ${column} WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(${column})) END`;
  const value =
    "CASE WHEN o.option_value ~ '^[A-Za-z0-9_.+-]+$' THEN o.option_value ELSE quote_literal(o.option_value) END";
  const columnTarget = from(17, "a.attstattarget IS NOT NULL", "a.attstattarget >= 0");
  return `
    WITH t AS (
      SELECT c.*, c.oid AS id, quote_ident(n.nspname) || '.' || quote_ident(c.relname) AS written
      FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE ${isRead} AND c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
        AND NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = 'pg_class'::regclass AND x.objid = c.oid AND x.deptype = 'e')
    ), granted (id, written, privilege, grantee, option) AS (
      SELECT t.id, ${table}, g.privilege_type, g.grantee, g.is_grantable::int
      FROM t, aclexplode(t.relacl) g
      WHERE NOT EXISTS (SELECT FROM aclexplode(acldefault('r', t.relowner)) d
        WHERE d.grantee = g.grantee AND d.privilege_type = g.privilege_type)
      UNION ALL
      SELECT t.id, ${table}, d.privilege_type, d.grantee, -1
      FROM t, aclexplode(acldefault('r', t.relowner)) d
      WHERE t.relacl IS NOT NULL
        AND NOT EXISTS (SELECT FROM aclexplode(t.relacl) g WHERE g.grantee = d.grantee AND g.privilege_type = d.privilege_type)
      UNION ALL
      -- What default privileges would give of a new table, whoever makes it, and this one has not.
      SELECT DISTINCT t.id, ${table}, d.privilege_type, d.grantee, -1
      FROM t JOIN pg_default_acl a ON a.defaclobjtype = 'r' AND a.defaclnamespace IN (0, t.relnamespace), aclexplode(a.defaclacl) d
      WHERE d.grantee NOT IN (t.relowner, a.defaclrole)
        AND NOT EXISTS (SELECT FROM aclexplode(t.relacl) g WHERE g.grantee = d.grantee AND g.privilege_type = d.privilege_type)
      UNION ALL
      SELECT t.id, ${table}, g.privilege_type || ' (' || quote_ident(a.attname) || ')', g.grantee, g.is_grantable::int
      FROM t JOIN pg_attribute a ON a.attrelid = t.id AND a.attnum > 0 AND NOT a.attisdropped, aclexplode(a.attacl) g
    ), grants (id, written, privileges, grantee, option, part) AS (
      SELECT g.*, row_number() OVER (PARTITION BY g.privileges, g.grantee, g.option ORDER BY g.id) / ${tablesTogether} FROM (
        SELECT id, written, string_agg(privilege, ', ' ORDER BY privilege) AS privileges, grantee, option
        FROM granted GROUP BY id, written, grantee, option) g
    )
    SELECT u.kind, u.statement FROM (
      SELECT CASE g.option WHEN -1 THEN 0 ELSE 1 END, min(g.id), 'privilege', CASE g.option WHEN -1 THEN 'REVOKE ' ELSE 'GRANT ' END || g.privileges ||
        ' ON ' || string_agg(g.written, ', ' ORDER BY g.id) || CASE g.option WHEN -1 THEN ' FROM ' ELSE ' TO ' END || ${role("g.grantee")} ||
        CASE g.option WHEN 1 THEN ' WITH GRANT OPTION' ELSE '' END
      FROM grants g GROUP BY g.privileges, g.grantee, g.option, g.part
      UNION ALL
      SELECT 2, t.id, 'comment', 'COMMENT ON TABLE ' || ${table} || ' IS ' || quote_literal(obj_description(t.id, 'pg_class'))
      FROM t WHERE t.relkind <> 'f' AND obj_description(t.id, 'pg_class') IS NOT NULL
      UNION ALL
      SELECT 2, t.id, 'storage', 'ALTER TABLE ' || ${table} || ' SET (' || quote_ident(o.option_name) || ' = ' || ${value} || ')'
      FROM t, pg_options_to_table(t.reloptions) o WHERE t.relkind = 'r'
      UNION ALL
      SELECT 2, t.id, 'storage', 'ALTER TABLE ' || ${table} || ' SET (toast.' || quote_ident(o.option_name) || ' = ' || ${value} || ')'
      FROM t JOIN pg_class b ON b.oid = t.reltoastrelid, pg_options_to_table(b.reloptions) o WHERE t.relkind = 'r'
      UNION ALL
      SELECT 2, t.id, 'tablespace', 'ALTER TABLE ' || ${table} || ' SET TABLESPACE ' || quote_ident(s.spcname)
      FROM t JOIN pg_tablespace s ON s.oid = t.reltablespace
      UNION ALL
      ${from(
        15,
        `SELECT 2, t.id, 'tablespace', 'ALTER TABLE ' || ${table} || ' SET ACCESS METHOD ' || quote_ident(m.amname)
      FROM t JOIN pg_am m ON m.oid = t.relam WHERE m.amname <> 'heap' AND t.relkind = 'r'
      UNION ALL`,
        "",
      )}
      SELECT 2, t.id, 'security', 'ALTER TABLE ' || ${table} || ' ENABLE ROW LEVEL SECURITY' FROM t WHERE t.relrowsecurity
      UNION ALL
      SELECT 2, t.id, 'security', 'ALTER TABLE ' || ${table} || ' FORCE ROW LEVEL SECURITY' FROM t WHERE t.relforcerowsecurity
      UNION ALL
      SELECT 2, t.id, 'identity', 'ALTER TABLE ' || ${table} || ' REPLICA IDENTITY ' ||
          CASE t.relreplident WHEN 'f' THEN 'FULL' WHEN 'n' THEN 'NOTHING' ELSE 'USING INDEX ' || (
            SELECT quote_ident(i.relname) FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid
            WHERE x.indrelid = t.id AND x.indisreplident LIMIT 1) END
      FROM t WHERE t.relreplident <> 'd' AND t.relkind <> 'f'
      UNION ALL
      SELECT 2, t.id, 'identity', 'ALTER TABLE ' || ${table} || ' CLUSTER ON ' || quote_ident(i.relname)
      FROM t JOIN pg_index x ON x.indrelid = t.id AND x.indisclustered JOIN pg_class i ON i.oid = x.indexrelid
      WHERE t.relkind = 'r'
      UNION ALL
      SELECT 2, t.id, 'column', 'ALTER TABLE ONLY ' || ${table} || ' ALTER COLUMN ' || quote_ident(a.attname) ||
          ' SET STATISTICS ' || a.attstattarget
      FROM t JOIN pg_attribute a ON a.attrelid = t.id AND a.attnum > 0 AND NOT a.attisdropped WHERE ${columnTarget}
      UNION ALL
      SELECT 2, t.id, 'column', 'ALTER TABLE ' || ${table} || ' ALTER COLUMN ' || quote_ident(a.attname) || ' SET (' ||
          (SELECT string_agg(quote_ident(o.option_name) || ' = ' || ${value}, ', ') FROM pg_options_to_table(a.attoptions) o) || ')'
      FROM t JOIN pg_attribute a ON a.attrelid = t.id AND a.attnum > 0 AND NOT a.attisdropped WHERE a.attoptions IS NOT NULL
      UNION ALL
      SELECT 3, g.oid, 'trigger', 'ALTER TABLE ONLY ' || ${table} || CASE g.tgenabled WHEN 'D' THEN ' DISABLE' WHEN 'R' THEN ' ENABLE REPLICA'
          ELSE ' ENABLE ALWAYS' END || ' TRIGGER ' || quote_ident(g.tgname)
      FROM t JOIN pg_trigger g ON g.tgrelid = t.id WHERE g.tgenabled <> 'O' AND (NOT g.tgisinternal OR g.tgconstraint = 0)
      UNION ALL
      SELECT 3, g.oid, 'trigger', 'COMMENT ON TRIGGER ' || quote_ident(g.tgname) || ' ON ' || ${table} || ' IS ' ||
          quote_literal(obj_description(g.oid, 'pg_trigger'))
      FROM t JOIN pg_trigger g ON g.tgrelid = t.id WHERE obj_description(g.oid, 'pg_trigger') IS NOT NULL AND NOT g.tgisinternal
      UNION ALL
      SELECT 3, p.oid, 'trigger', 'COMMENT ON POLICY ' || quote_ident(p.polname) || ' ON ' || ${table} || ' IS ' ||
          quote_literal(obj_description(p.oid, 'pg_policy'))
      FROM t JOIN pg_policy p ON p.polrelid = t.id WHERE obj_description(p.oid, 'pg_policy') IS NOT NULL
      UNION ALL
      SELECT 3, k.oid, 'trigger', 'COMMENT ON CONSTRAINT ' || quote_ident(k.conname) || ' ON ' || ${table} || ' IS ' ||
          quote_literal(d.description)
      FROM t JOIN pg_constraint k ON k.conrelid = t.id
        JOIN pg_description d ON d.objoid = k.oid AND d.classoid = 'pg_constraint'::regclass AND d.objsubid = 0
      UNION ALL
      SELECT 3, s.oid, 'statistics', pg_get_statisticsobjdef(s.oid)
      FROM t JOIN pg_statistic_ext s ON s.stxrelid = t.id
      UNION ALL
      SELECT 4, r.oid, 'publication', 'ALTER PUBLICATION ' || quote_ident(p.pubname) || ' ADD TABLE ' ||
          CASE WHEN t.relkind = 'p' THEN '' ELSE 'ONLY ' END || ${table}${from(
            15,
            ` || coalesce(' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
            WHERE a.attrelid = t.id AND a.attnum = ANY (r.prattrs)) || ')', '') ||
          coalesce(' WHERE (' || pg_get_expr(r.prqual, r.prrelid) || ')', '')`,
            "",
          )}
      FROM t JOIN pg_publication_rel r ON r.prrelid = t.id JOIN pg_publication p ON p.oid = r.prpubid
    ) u (rank, id, kind, statement) WHERE u.statement IS NOT NULL ORDER BY u.rank, u.id LIMIT ${mostBelongingRows + 1}`;
}
