// Writes server/src/catalog/values/builtins.generated.ts from the system catalogs of a real PostgreSQL 18.
// Usage: node scripts/generate-builtins.mjs   (run by hand when the reference version changes)

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import pg from "pg";
import { startServer } from "../test/support/postgres-server.ts";
import { root } from "./toolchain.mjs";

const target = "server/src/catalog/values/builtins.generated.ts";

/** Types of PostgreSQL's own, without arrays and row types: `name category preferred kind`. */
const typesQuery = `
  SELECT typname, typcategory, typispreferred, typtype FROM pg_type
   WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype IN ('b', 'p', 'r', 'm')
     AND NOT (typname LIKE '\\_%' AND typelem <> 0)
   ORDER BY typname COLLATE "C"`;

/** What SQL can call: not what takes or gives the server's internal types. */
const functionsQuery = `
  SELECT proname, prokind, provolatile, proisstrict, proretset, pronargdefaults, provariadic <> 0 AS variadic,
         prorettype::regtype::oid AS result, proargtypes::oid[]::text[] AS arguments
    FROM pg_proc
   WHERE pronamespace = 'pg_catalog'::regnamespace
     AND NOT EXISTS (SELECT FROM unnest(proargtypes::oid[] || prorettype) AS used (type)
                      WHERE type IN ('internal'::regtype, 'cstring'::regtype, 'trigger'::regtype, 'event_trigger'::regtype,
                                     'language_handler'::regtype, 'fdw_handler'::regtype, 'index_am_handler'::regtype,
                                     'table_am_handler'::regtype, 'tsm_handler'::regtype))
   ORDER BY proname COLLATE "C", pronargs, proargtypes::oid[]::regtype[]::text COLLATE "C"`;

const operatorsQuery = `
  SELECT oprname, oprleft AS left, oprright AS right, oprresult AS result, provolatile
    FROM pg_operator JOIN pg_proc ON pg_proc.oid = oprcode
   WHERE oprnamespace = 'pg_catalog'::regnamespace
   ORDER BY oprname COLLATE "C", oprleft, oprright`;

const castsQuery = `
  SELECT castsource AS source, casttarget AS target, castcontext, castmethod, coalesce(provolatile, 'i') AS provolatile
    FROM pg_cast LEFT JOIN pg_proc ON pg_proc.oid = castfunc
   ORDER BY castsource, casttarget`;

const classesQuery = `
  SELECT amname, opcname, opfname, opcintype AS type, opcdefault
    FROM pg_opclass JOIN pg_am ON pg_am.oid = opcmethod JOIN pg_opfamily ON pg_opfamily.oid = opcfamily
   WHERE amname IN ('btree', 'hash') AND opcnamespace = 'pg_catalog'::regnamespace
   ORDER BY amname, opcname COLLATE "C", opcintype`;

/** The pairs of types that a family compares: those of its operator of equality. */
const familiesQuery = `
  SELECT amname, opfname, amoplefttype AS left, amoprighttype AS right
    FROM pg_amop JOIN pg_opfamily ON pg_opfamily.oid = amopfamily JOIN pg_am ON pg_am.oid = opfmethod
   WHERE amopstrategy = CASE amname WHEN 'btree' THEN 3 WHEN 'hash' THEN 1 END
   ORDER BY amname, opfname COLLATE "C", amoplefttype, amoprighttype`;

/** Every type by OID: its name, or that of the element after an underscore for an array; null where it has none of ours. */
const namesQuery = `
  SELECT t.oid, CASE WHEN e.oid IS NULL THEN t.typname ELSE '_' || e.typname END AS name
    FROM pg_type AS t LEFT JOIN pg_type AS e ON e.typarray = t.oid
   WHERE t.typnamespace = 'pg_catalog'::regnamespace`;

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const server = await startServer(18);
  const client = new pg.Client({ connectionString: server.connectionString });
  try {
    await client.connect();
    writeFileSync(join(root, target), await builtinsModule(client));
    process.stdout.write(`written: ${target}\n`);
  } finally {
    await client.end();
    await server.stop();
  }
}

/** The content of the generated file, from the server that the client is connected to. */
export async function builtinsModule(client) {
  const rows = async (query) => (await client.query(query)).rows;
  const names = new Map((await rows(namesQuery)).map(({ oid, name }) => [String(oid), name]));
  const typeRows = await rows(typesQuery);
  const codes = new Map(typeRows.map(({ typname }, index) => [typname, index.toString(36)]));
  /** The place of a type among the types in base 36, after an underscore for an array. */
  const code = (oid) => {
    const name = names.get(String(oid));
    if (name === undefined) return String(oid) === "0" ? "-" : null;
    if (codes.has(name)) return codes.get(name);
    const element = name.startsWith("_") ? codes.get(name.slice(1)) : undefined;
    return element === undefined ? null : `_${element}`;
  };

  const types = typeRows.map(
    ({ typname, typcategory, typispreferred, typtype }) =>
      `${typname} ${typcategory}${typtype}${typispreferred ? "!" : ""}`,
  );
  const functions = grouped(await rows(functionsQuery), "proname", (row) => {
    const argumentCodes = row.arguments.map(code);
    const flags = [
      row.provolatile === "i" ? "" : row.provolatile,
      row.prokind === "f" ? "" : row.prokind,
      row.proisstrict ? "" : "n",
      row.proretset ? "r" : "",
      row.variadic ? "m" : "",
      row.pronargdefaults > 0 ? row.pronargdefaults : "",
    ].join("");
    const signature = [code(row.result), ...argumentCodes];
    return signature.includes(null) ? null : `${signature.join(",")}${flags === "" ? "" : `:${flags}`}`;
  });
  const operators = grouped(await rows(operatorsQuery), "oprname", ({ left, right, result, provolatile }) => {
    const signature = [code(result), code(left), code(right)];
    if (signature.includes(null)) return null;
    return `${signature.join(",")}${provolatile === "i" ? "" : `:${provolatile}`}`;
  });
  const casts = grouped(
    (await rows(castsQuery)).map((row) => ({ ...row, source: code(row.source), target: code(row.target) })),
    "source",
    ({ source, target, castcontext, castmethod, provolatile }) =>
      source === null || target === null
        ? null
        : `${target}:${castcontext}${castmethod === "f" ? "" : castmethod}${provolatile === "i" ? "" : provolatile}`,
  );
  const classes = (await rows(classesQuery)).map(
    ({ amname, opcname, opfname, type, opcdefault }) =>
      `${amname} ${opcname} ${opfname} ${code(type)}${opcdefault ? "!" : ""}`,
  );
  const families = grouped(
    (await rows(familiesQuery)).map((row) => ({ ...row, key: `${row.amname}/${row.opfname}` })),
    "key",
    ({ left, right }) => `${code(left)},${code(right)}`,
  );
  return `${[
    "/** PostgreSQL's own types, functions, operators, casts and operator classes. Generated by scripts/generate-builtins.mjs; do not edit. */",
    "",
    lines(
      "builtinTypes",
      "Name, category with kind (b base, p pseudo, r range, m multirange), `!` for the preferred of its category. Other tables name types by their place here in base 36, arrays with `_` before it.",
      types,
    ),
    lines(
      "builtinFunctions",
      "Name, then `result,argument,…:flags`. Flags: s stable, v volatile (else immutable); a aggregate, w window, p procedure; n takes NULL; r returns a set; m variadic; a digit for the number of defaults.",
      functions,
    ),
    lines(
      "builtinOperators",
      "Name, then `result,left,right:flags`; `-` for the missing left of a prefix operator. Flags: s stable, v volatile.",
      operators,
    ),
    lines(
      "builtinCasts",
      "Source, then `target:flags`: i implicit, a assignment, e explicit; b binary coercible, i by input and output; s stable.",
      casts,
    ),
    lines("builtinOperatorClasses", "Access method, class, family, type; `!` for the default of the type.", classes),
    lines(
      "builtinOperatorFamilies",
      "Access method and family, then the pairs `left,right` of types that it compares.",
      families,
    ),
  ].join("\n")}`;
}

/** One line for each key, with what `entry` gives for its rows; rows that give null are left out. */
function grouped(all, key, entry) {
  const groups = new Map();
  for (const row of all) {
    const text = entry(row);
    if (text === null || row[key] === null) continue;
    const group = groups.get(row[key]);
    if (group === undefined) groups.set(row[key], [text]);
    else group.push(text);
  }
  return [...groups].map(([name, entries]) => `${name} ${entries.join(" ")}`);
}

function lines(name, comment, entries) {
  const text = entries.join("\n").replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("${", "\\${");
  return `/** ${comment} */\nexport const ${name} = \`\\\n${text}\`;\n`;
}
