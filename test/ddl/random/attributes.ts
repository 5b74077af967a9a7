/** Everything that a real server keeps of the tables of a schema, as texts that are compared before and after a script. */

import type { Client } from "pg";

/** By table: what it has, each line beginning with its kind. */
export type Attributes = ReadonlyMap<string, readonly string[]>;

export async function attributesOf(client: Client, schema: string, major: number): Promise<Attributes> {
  const { rows } = await client.query<{ table: string; line: string }>({
    text: query(major),
    values: [schema],
  });
  const found = new Map<string, string[]>();
  for (const { table, line } of rows) {
    const lines = found.get(table) ?? [];
    lines.push(line);
    found.set(table, lines);
  }
  return found;
}

function query(major: number): string {
  const compression = major >= 14 ? "attcompression::text" : "''";
  const statistics = major >= 17 ? "coalesce(attstattarget, -1)" : "attstattarget";
  return `
WITH tables AS (SELECT * FROM pg_class WHERE relnamespace = $1::regnamespace AND relkind IN ('r', 'p', 'f')),
lines (oid, line) AS (
  SELECT oid, 'table ' || relkind::text || relpersistence::text || ' owner ' || pg_get_userbyid(relowner) ||
    ' identity ' || relreplident::text || ' security ' || relrowsecurity || relforcerowsecurity || ' ' || coalesce(reloptions::text, '') ||
    ' space ' || reltablespace || ' method ' || relam || ' comment ' || coalesce(obj_description(oid, 'pg_class'), '')
  FROM tables
  UNION ALL
  -- Whoever owns a table may grant what is granted of it in any case.
  SELECT tables.oid, 'grant ' || a.privilege_type || (a.is_grantable AND a.grantee <> relowner) || ' to ' || CASE a.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(a.grantee) END
  FROM tables, aclexplode(coalesce(relacl, acldefault('r', relowner))) AS a
  UNION ALL
  SELECT tables.oid, 'grant ' || attname || ' ' || a.privilege_type || a.is_grantable || ' to ' || CASE a.grantee WHEN 0 THEN 'public' ELSE pg_get_userbyid(a.grantee) END
  FROM tables JOIN pg_attribute ON attrelid = tables.oid AND NOT attisdropped, aclexplode(attacl) AS a
  UNION ALL
  SELECT tables.oid, 'column ' || attname || ' ' || format_type(atttypid, atttypmod) || ' ' || attnotnull || ' ' || attstorage::text || ${compression} ||
    ' statistics ' || ${statistics} || ' collation ' || attcollation || ' generated ' || attgenerated::text || ' options ' || coalesce(attoptions::text, '') ||
    ' default ' || coalesce(pg_get_expr(adbin, adrelid), '') || ' identity ' || attidentity::text || ' comment ' || coalesce(col_description(tables.oid, attnum), '')
  FROM tables JOIN pg_attribute ON attrelid = tables.oid AND attnum > 0 AND NOT attisdropped
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  UNION ALL
  SELECT tables.oid, 'index ' || quote_ident(x.relname) || ' ' || regexp_replace(pg_get_indexdef(indexrelid), '^.*? USING', '') || CASE WHEN indisunique THEN ' unique' ELSE '' END ||
    ' valid ' || indisvalid || ' identity ' || indisreplident || ' clustered ' || indisclustered || ' attached ' || x.relispartition || ' comment ' || coalesce(obj_description(x.oid, 'pg_class'), '')
  FROM tables JOIN pg_index ON indrelid = tables.oid JOIN pg_class x ON x.oid = indexrelid
  UNION ALL
  SELECT tables.oid, CASE WHEN contype = 'c' THEN 'check ' ELSE 'constraint ' END || quote_ident(conname) || ' ' || pg_get_constraintdef(k.oid) || ' valid ' || convalidated || ' comment ' || coalesce(obj_description(k.oid, 'pg_constraint'), '')
  FROM tables JOIN pg_constraint k ON conrelid = tables.oid
  WHERE contype <> 'n' AND NOT EXISTS (SELECT FROM pg_constraint WHERE oid = k.conparentid AND conrelid = k.conrelid)
  UNION ALL
  SELECT tables.oid, 'trigger ' || regexp_replace(pg_get_triggerdef(t.oid), ' ON .*? (FOR EACH|FROM)', ' \\1') || ' enabled ' || tgenabled::text || ' comment ' || coalesce(obj_description(t.oid, 'pg_trigger'), '')
  FROM tables JOIN pg_trigger t ON tgrelid = tables.oid AND NOT tgisinternal
  UNION ALL
  SELECT tables.oid, 'trigger-of-parent ' || tgname || tgenabled::text
  FROM tables JOIN pg_trigger t ON tgrelid = tables.oid AND tgisinternal AND tgconstraint = 0
  UNION ALL
  SELECT tables.oid, 'policy ' || polname || ' ' || polcmd::text || polpermissive || polroles::regrole[]::text || coalesce(pg_get_expr(polqual, polrelid), '') || ' check ' || coalesce(pg_get_expr(polwithcheck, polrelid), '')
  FROM tables JOIN pg_policy ON polrelid = tables.oid
  UNION ALL
  SELECT tables.oid, 'rule ' || pg_get_ruledef(r.oid) FROM tables JOIN pg_rewrite r ON ev_class = tables.oid
  UNION ALL
  SELECT tables.oid, 'statistics ' || quote_ident(stxname) || ' ' || regexp_replace(pg_get_statisticsobjdef(s.oid), '^CREATE STATISTICS (?:\\S+\\.)?(?:"[^"]*"|\\S+) | FROM .*$', '', 'g') FROM tables JOIN pg_statistic_ext s ON stxrelid = tables.oid
  UNION ALL
  SELECT tables.oid, 'publication ' || pubname FROM tables JOIN pg_publication_rel ON prrelid = tables.oid JOIN pg_publication p ON p.oid = prpubid
  UNION ALL
  SELECT tables.oid, 'part of ' || p.relname || ' ' || coalesce(pg_get_expr(tables.relpartbound, tables.oid), '')
  FROM tables JOIN pg_inherits ON inhrelid = tables.oid JOIN pg_class p ON p.oid = inhparent
)
SELECT relname AS table, line FROM lines JOIN tables USING (oid) ORDER BY relname, line`;
}
