/** What is read of the code that a database runs by itself, or where nobody names it: triggers, rules, operators, casts and the like. */

/** More functions are not read: where there are more, whatever is run may do anything. */
export const mostFunctions = 2_000;

/** More triggers, rules, policies, operators and the like are not read either. */
export const mostCode = 20_000;

/**
 * One row for each piece of code, with the statement that would make it: its kind; the relation that it belongs to, where it
 * belongs to one; its name. What extensions bring is known by their names, and what partitions have by their parents they get
 * by being partitions.
 *
 * @param serverVersion as `server_version_num`
 * @param userSchema the condition on `n`, a row of `pg_namespace`, by which schemas are read
 */
export function codeQuery(serverVersion: number, userSchema: string): string {
  const from = (major: number, text: string, otherwise: string): string =>
    serverVersion >= major * 10_000 ? text : otherwise;
  const isOwn = (catalog: string, alias: string): string =>
    `NOT EXISTS (SELECT FROM pg_depend x WHERE x.classid = '${catalog}'::regclass AND x.objid = ${alias}.oid AND x.deptype = 'e')`;
  const table = "quote_ident(n.nspname) || '.' || quote_ident(c.relname)";
  const support = [
    ["SFUNC", "aggtransfn"],
    ["FINALFUNC", "aggfinalfn"],
    ["COMBINEFUNC", "aggcombinefn"],
    ["SERIALFUNC", "aggserialfn"],
    ["DESERIALFUNC", "aggdeserialfn"],
    ["MSFUNC", "aggmtransfn"],
    ["MINVFUNC", "aggminvtransfn"],
    ["MFINALFUNC", "aggmfinalfn"],
  ].map(([option, column]) => `CASE WHEN a.${column} <> 0 THEN '${option} = ' || a.${column}::text END`);
  return `
    SELECT u.kind, u.schema, u.relation, u.name, u.statement FROM (
      SELECT 1 AS rank, e.oid::int8 AS id, 'event-trigger' AS kind, NULL::text AS schema, NULL::text AS relation,
        e.evtname::text AS name,
        'CREATE EVENT TRIGGER ' || quote_ident(e.evtname) || ' ON ' || e.evtevent::text || coalesce(' WHEN TAG IN (' ||
          (SELECT string_agg(quote_literal(g.tag), ', ') FROM unnest(e.evttags) AS g (tag)) || ')', '') ||
          ' EXECUTE PROCEDURE ' || e.evtfoid::regproc::text || '()' AS statement
      FROM pg_event_trigger e WHERE ${isOwn("pg_event_trigger", "e")}
      UNION ALL
      SELECT 2, k.oid::int8, 'cast', NULL, NULL, NULL,
        'CREATE CAST (' || format_type(k.castsource, NULL) || ' AS ' || format_type(k.casttarget, NULL) ||
          ') WITH FUNCTION ' || k.castfunc::regprocedure::text
      FROM pg_cast k WHERE k.castfunc <> 0 AND k.oid >= 16384 AND ${isOwn("pg_cast", "k")}
      UNION ALL
      SELECT 3, o.oid::int8, 'operator', NULL, NULL, o.oprname::text,
        'CREATE OPERATOR ' || quote_ident(n.nspname) || '.' || o.oprname::text || ' (PROCEDURE = ' || o.oprcode::text ||
          coalesce(', LEFTARG = ' || format_type(nullif(o.oprleft, 0::oid), NULL), '') ||
          coalesce(', RIGHTARG = ' || format_type(nullif(o.oprright, 0::oid), NULL), '') || ')'
      FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace
      WHERE ${userSchema} AND o.oprcode <> 0 AND ${isOwn("pg_operator", "o")}
      UNION ALL
      SELECT 4, o.oid::int8, 'operator-class', NULL, NULL, o.opcname::text,
        'CREATE OPERATOR CLASS ' || quote_ident(n.nspname) || '.' || quote_ident(o.opcname) ||
          CASE WHEN o.opcdefault THEN ' DEFAULT' ELSE '' END || ' FOR TYPE ' || format_type(o.opcintype, NULL) ||
          ' USING ' || quote_ident(m.amname) || ' AS ' || coalesce(
            (SELECT string_agg('FUNCTION ' || f.amprocnum::text || ' ' || f.amproc::oid::regprocedure::text, ', ')
              FROM pg_amproc f WHERE f.amprocfamily = o.opcfamily AND f.amproclefttype = o.opcintype),
            'STORAGE ' || format_type(o.opcintype, NULL))
      FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace JOIN pg_am m ON m.oid = o.opcmethod
      WHERE ${userSchema} AND ${isOwn("pg_opclass", "o")}
      UNION ALL
      SELECT 5, p.oid::int8, 'aggregate', NULL, NULL, p.proname::text,
        'CREATE AGGREGATE ' || quote_ident(n.nspname) || '.' || quote_ident(p.proname) || ' (' ||
          coalesce(nullif(pg_get_function_identity_arguments(p.oid), ''), '*') || ') (' ||
          concat_ws(', ', ${support.join(", ")}) || ', STYPE = ' || format_type(a.aggtranstype, NULL) || ')'
      FROM pg_aggregate a JOIN pg_proc p ON p.oid = a.aggfnoid::oid JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE ${userSchema} AND ${isOwn("pg_proc", "p")}
      UNION ALL
      SELECT 6, p.oid::int8, 'policy', n.nspname::text, c.relname::text, p.polname::text,
        'CREATE POLICY ' || quote_ident(p.polname) || ' ON ' || ${table} ||
          CASE WHEN p.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END || CASE p.polcmd WHEN 'r' THEN ' FOR SELECT' WHEN 'a' THEN ' FOR INSERT' WHEN 'w' THEN ' FOR UPDATE'
            WHEN 'd' THEN ' FOR DELETE' ELSE '' END ||
          CASE WHEN p.polroles = '{0}' THEN '' ELSE ' TO ' || (SELECT string_agg(quote_ident(pg_get_userbyid(r)), ', ')
            FROM unnest(p.polroles) AS r) END ||
          coalesce(' USING (' || pg_get_expr(p.polqual, p.polrelid) || ')', '') ||
          coalesce(' WITH CHECK (' || pg_get_expr(p.polwithcheck, p.polrelid) || ')', '')
      FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE ${userSchema} AND c.relpersistence <> 't'
      UNION ALL
      SELECT 7, r.oid::int8, 'rule', n.nspname::text, c.relname::text, r.rulename::text, pg_get_ruledef(r.oid)
      FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE ${userSchema} AND c.relpersistence <> 't' AND r.ev_type <> '1' AND ${isOwn("pg_class", "c")}
      UNION ALL
      SELECT 8, t.oid::int8, 'trigger', n.nspname::text, c.relname::text, t.tgname::text, pg_get_triggerdef(t.oid)
      FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
      WHERE ${userSchema} AND c.relpersistence <> 't' AND NOT t.tgisinternal${from(13, " AND t.tgparentid = 0", "")}
        AND ${isOwn("pg_class", "c")} AND ${isOwn("pg_trigger", "t")}
    ) u ORDER BY u.rank, u.id LIMIT ${mostCode + 1}`;
}
