/** Which functions of users a server would run while it plans: what of its catalogs leads to them, read by the planner's own session. */

import type { ReadSession } from "./read-only-session.ts";

/** A function that is neither PostgreSQL's own nor written in C, and that planning may run or inline. */
export interface PlannableFunction {
  readonly schema: string;
  readonly name: string;
  /** Its body takes the place of the call, also where arguments are columns. */
  readonly isInlined: boolean;
  /** The type that it returns, as a statement may spell it under any search_path; null where it returns rows. */
  readonly returns: string | null;
}

/** All names are unqualified: whoever asks with a name that only looks alike is told "perhaps" too. */
export interface PlanningDangers {
  readonly functions: ReadonlyMap<string, readonly PlannableFunction[]>;
  /** Each with a function that it leads to, as `schema.name`. */
  readonly operators: ReadonlyMap<string, string>;
  readonly types: ReadonlyMap<string, string>;
  readonly relations: ReadonlyMap<string, string>;
  /** A cast between PostgreSQL's own types leads to this function, so any statement may; null where none does. */
  readonly everywhere: string | null;
  /** Views and tables with virtual columns: what they give may be constants, however it is called. */
  readonly derived: ReadonlySet<string>;
}

/** Gives what planning may run, read again only where the catalogs have changed since. Rejects with the error of `pg`. */
export function createDangerReader(): (session: ReadSession) => Promise<PlanningDangers> {
  let known: { readonly stamp: string; readonly dangers: PlanningDangers } | null = null;
  return async (session) => {
    const [row] = await session.query(stampQuery(session.serverVersion));
    const stamp = String(row?.["stamp"]);
    if (known?.stamp !== stamp) {
      const dangers = row?.["any"] === true ? await readDangers(session) : noDangers;
      known = { stamp, dangers };
    }
    return known.dangers;
  };
}

export const noDangers: PlanningDangers = {
  functions: new Map(),
  operators: new Map(),
  types: new Map(),
  relations: new Map(),
  everywhere: null,
  derived: new Set(),
};

/** So many entries are read of each kind; a database with more is one of which "any statement" is said. */
const mostEntries = 20_000;

async function readDangers(session: ReadSession): Promise<PlanningDangers> {
  const functions = new Map<string, PlannableFunction[]>();
  const functionRows = await session.query(functionsQuery(session.serverVersion));
  for (const { schema, name, inlined, returns } of functionRows) {
    const entry: PlannableFunction = {
      schema: String(schema),
      name: String(name),
      isInlined: inlined === true,
      returns: typeof returns === "string" ? returns : null,
    };
    const others = functions.get(entry.name);
    if (others === undefined) functions.set(entry.name, [entry]);
    else others.push(entry);
  }
  const reached = {
    operator: new Map<string, string>(),
    type: new Map<string, string>(),
    relation: new Map<string, string>(),
  };
  let everywhere: string | null = functionRows.length >= mostEntries ? "one of its many functions" : null;
  const rows = await session.query(reachedQuery(session.serverVersion));
  if (rows.length >= mostEntries) everywhere ??= "one of its many functions";
  for (const { kind, name, reaches } of rows) {
    if (kind === "cast") everywhere ??= String(reaches);
    else if (kind === "operator" || kind === "type" || kind === "relation")
      reached[kind].set(String(name), String(reaches));
  }
  const derived = await session.query(derivedQuery(session.serverVersion));
  return {
    functions,
    operators: reached.operator,
    types: reached.type,
    relations: reached.relation,
    everywhere: derived.length >= mostEntries ? (everywhere ?? "one of its many functions") : everywhere,
    derived: new Set(derived.map(({ name }) => String(name))),
  };
}

/** OIDs from here on were given to what users made (FirstNormalObjectId). */
const firstUserOid = 16_384;

/**
 * Functions written in C, which only a superuser can make, are trusted as the server itself is. A volatile function is not run
 * by planning; one in SQL is inlined all the same, and brings along what it calls.
 */
function plannable(serverVersion: number): string {
  const kind = serverVersion >= 110_000 ? "p.prokind = 'f'" : "NOT p.proisagg AND NOT p.proiswindow";
  return `p.oid >= ${firstUserOid} AND ${kind} AND l.lanname NOT IN ('internal', 'c')
    AND (p.provolatile <> 'v' OR l.lanname = 'sql')
    AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)`;
}

/** A text that is another one whenever something of what `readDangers` reads is. */
function stampQuery(serverVersion: number): string {
  const seen = (table: string, condition: string): string =>
    `(SELECT count(*) || ':' || coalesce(max(x.xmin::text::int8), 0) FROM ${table} x WHERE ${condition})`;
  const made = `x.oid >= ${firstUserOid}`;
  // What refers to functions, operators, operator classes, casts and types that users made.
  const references = `x.refobjid >= ${firstUserOid} AND x.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass,
    'pg_opclass'::regclass, 'pg_opfamily'::regclass, 'pg_cast'::regclass, 'pg_type'::regclass)`;
  return `
    SELECT concat_ws(' ', ${seen("pg_proc", made)}, ${seen("pg_operator", made)}, ${seen("pg_cast", made)},
        ${seen("pg_depend", references)}, ${seen("pg_rewrite", made)}, ${seen("pg_inherits", "true")}) AS stamp,
      EXISTS (SELECT FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang WHERE ${plannable(serverVersion)}) AS any`;
}

function functionsQuery(serverVersion: number): string {
  return `
    SELECT n.nspname AS schema, p.proname AS name, l.lanname = 'sql' AS inlined,
      CASE WHEN NOT p.proretset AND t.typtype <> 'p' THEN quote_ident(tn.nspname) || '.' || quote_ident(t.typname) END AS returns
    FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN pg_namespace n ON n.oid = p.pronamespace
      JOIN pg_type t ON t.oid = p.prorettype JOIN pg_namespace tn ON tn.oid = t.typnamespace
    WHERE ${plannable(serverVersion)} LIMIT ${mostEntries}`;
}

/**
 * What leads to such a function, through the dependencies that PostgreSQL records: operators, types (domains by their CHECKs,
 * types by their casts), and relations, whose views, policies, defaults, CHECKs, index and key expressions planning looks at.
 */
function reachedQuery(serverVersion: number): string {
  // From a part to what it is a part of; dependencies lead the other way there.
  const owners = [
    ["pg_rewrite", "'pg_class'::regclass, x.ev_class FROM pg_rewrite x"],
    ["pg_attrdef", "'pg_class'::regclass, x.adrelid FROM pg_attrdef x"],
    ["pg_policy", "'pg_class'::regclass, x.polrelid FROM pg_policy x"],
    ["pg_statistic_ext", "'pg_class'::regclass, x.stxrelid FROM pg_statistic_ext x"],
    ["pg_amproc", "'pg_opfamily'::regclass, x.amprocfamily FROM pg_amproc x"],
    ["pg_amop", "'pg_opfamily'::regclass, x.amopfamily FROM pg_amop x"],
  ].map(([part, owner]) => `SELECT ${owner} WHERE g.classid = '${part}'::regclass AND x.oid = g.objid`);
  return `
    WITH RECURSIVE danger(classid, objid, reaches) AS (
      SELECT 'pg_proc'::regclass::oid, p.oid, n.nspname || '.' || p.proname
      FROM pg_proc p JOIN pg_language l ON l.oid = p.prolang JOIN pg_namespace n ON n.oid = p.pronamespace
      WHERE ${plannable(serverVersion)}
    UNION
      SELECT x.classid, x.objid, g.reaches FROM danger g CROSS JOIN LATERAL (
        SELECT d.classid, d.objid FROM pg_depend d
        WHERE d.refclassid = g.classid AND d.refobjid = g.objid AND d.deptype IN ('n', 'a', 'i')
          AND d.classid NOT IN ('pg_proc'::regclass, 'pg_trigger'::regclass, 'pg_extension'::regclass, 'pg_publication_rel'::regclass)
          AND NOT (d.classid = 'pg_constraint'::regclass
            AND EXISTS (SELECT FROM pg_constraint k WHERE k.oid = d.objid AND k.contype <> 'c'))
        UNION ALL ${owners.join("\n        UNION ALL ")}
        UNION ALL SELECT 'pg_class'::regclass, x.conrelid FROM pg_constraint x
          WHERE g.classid = 'pg_constraint'::regclass AND x.oid = g.objid AND x.conrelid <> 0
        UNION ALL SELECT 'pg_type'::regclass, x.contypid FROM pg_constraint x
          WHERE g.classid = 'pg_constraint'::regclass AND x.oid = g.objid AND x.contypid <> 0
        UNION ALL SELECT 'pg_class'::regclass, x.indrelid FROM pg_index x
          WHERE g.classid = 'pg_class'::regclass AND x.indexrelid = g.objid
        UNION ALL SELECT 'pg_class'::regclass, x.inhparent FROM pg_inherits x
          WHERE g.classid = 'pg_class'::regclass AND x.inhrelid = g.objid
        UNION ALL SELECT 'pg_opclass'::regclass, x.oid FROM pg_opclass x
          WHERE g.classid = 'pg_opfamily'::regclass AND x.opcfamily = g.objid
        UNION ALL SELECT 'pg_type'::regclass, t.oid FROM pg_cast x JOIN pg_type t ON t.oid IN (x.castsource, x.casttarget)
          WHERE g.classid = 'pg_cast'::regclass AND x.oid = g.objid AND t.oid >= ${firstUserOid}
      ) x(classid, objid)
    ),
    -- One function of those that a thing leads to is enough to tell.
    first AS (SELECT classid, objid, min(reaches) AS reaches FROM danger GROUP BY classid, objid)
    SELECT 'operator' AS kind, o.oprname::text AS name, f.reaches FROM first f JOIN pg_operator o
        ON f.classid = 'pg_operator'::regclass AND o.oid = f.objid
    UNION ALL SELECT 'type', t.typname::text, f.reaches FROM first f JOIN pg_type t ON f.classid = 'pg_type'::regclass AND t.oid = f.objid
    UNION ALL SELECT 'relation', c.relname::text, f.reaches FROM first f JOIN pg_class c
        ON f.classid = 'pg_class'::regclass AND c.oid = f.objid AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
    UNION ALL SELECT 'cast', NULL, f.reaches FROM first f JOIN pg_cast k ON f.classid = 'pg_cast'::regclass AND k.oid = f.objid
      WHERE k.castsource < ${firstUserOid} AND k.casttarget < ${firstUserOid}
    LIMIT ${mostEntries}`;
}

function derivedQuery(serverVersion: number): string {
  const virtual =
    serverVersion >= 180_000
      ? "OR EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attgenerated = 'v')"
      : "";
  return `
    SELECT DISTINCT c.relname AS name FROM pg_class c
    WHERE c.oid >= ${firstUserOid} AND (c.relkind IN ('v', 'm') ${virtual}) LIMIT ${mostEntries}`;
}
