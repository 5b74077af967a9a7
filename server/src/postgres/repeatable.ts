/** Whether a statement does the same on every server: what it asks may be other there than where it was run. */

import { functionsNamed } from "../catalog/values/builtins.ts";

/**
 * Why what the statement does elsewhere cannot be told from a run; null where nothing speaks against it.
 * @param text the statement with the code that it runs; SQL in its strings counts
 */
export function whyNotRepeatable(text: string): string | null {
  // Strings that are put together spell one text.
  const sql = text
    .replace(/\/\*[^*]*(?:\*(?!\/)[^*]*)*\*\//g, " ")
    .replace(/'\s*\|\|\s*'/g, "")
    .replace(namesThisDatabase, "true")
    .replace(/\bdefault\s+(?:pg_catalog\s*\.\s*)?nextval\b/gi, "default");
  if (unpredictable.test(sql)) return "what it does is different each time";
  if (/\bcopy\b[^;]*?\b(?:from|to)\s*(?:program\b|['%$])/i.test(sql))
    return "it reads or writes files, or runs a program";
  if (/\btrack_counts\b/i.test(sql)) return "it names the setting by which its effects are told";
  const asked = serverWords.exec(sql)?.[0] ?? unrepeatableCall(sql) ?? unrepeatableCatalog(sql);
  return asked === null ? null : `it depends on the server that it runs on: ${asked}`;
}

const unpredictable =
  /\b(?:random|random_normal|gen_random_uuid|uuidv4|uuidv7|pg_backend_pid|txid_current|pg_current_xact_id)\s*"?\s*\(/i;

/** The standard's way of saying that an object is of this database, where all are. */
const namesThisDatabase =
  /\b\w+_catalog\s*=\s*(?:(?:pg_catalog\s*\.\s*)?current_database\s*\(\s*\)(?:\s*::\s*\w+)?|current_catalog\b)/gi;

/** What asks for a role, the database, a setting, a sequence's value or statistics without a call. */
const serverWords =
  /\b(?:current_catalog|current_role|session_user|system_user|show\s+\w+|last_value|is_called|reltuples|relpages|relallvisible|relallfrozen|relfilenode|relowner|relacl)\b|(?<!\b(?:to|authorization|for)\s+)\bcurrent_user\b|(?<=[=(,]\s*|\b(?:if|and|or|not|when|select)\s+)user\b(?!\s*(?:\(|mapping\b))/i;

function unrepeatableCall(sql: string): string | null {
  for (const [, quoted, plain] of sql.matchAll(/(?:"([^"]+)"|\b([a-z_][\w$]*))\s*\(/gi)) {
    const name = quoted ?? plain?.toLowerCase() ?? "";
    if (repeatableFunctions.has(name)) continue;
    if (functionsNamed(name).some(({ volatility }) => volatility !== "immutable")) {
      if (
        name === "current_setting" &&
        !/\bcurrent_setting\s*\((?!\s*'+(?:search_path|timezone|datestyle)')/i.test(sql)
      )
        continue;
      return `${name}()`;
    }
  }
  return null;
}

function unrepeatableCatalog(sql: string): string | null {
  for (const [, view = ""] of sql.matchAll(/\binformation_schema"?\s*\.\s*"?([\w%|']*)/gi))
    if (!readableViews.has(view.toLowerCase())) return `information_schema.${view}`;
  for (const [word] of sql.matchAll(/\bpg_[\w$]+/gi)) {
    const name = word.toLowerCase();
    if (readableCatalogs.has(name) || /^pg_(?:temp|toast)_\d+$/.test(name) || repeatableFunctions.has(name)) continue;
    // Calls of other functions have been looked at.
    if (functionsNamed(name).length > 0 && functionsNamed(name).every(({ volatility }) => volatility === "immutable"))
      continue;
    return name;
  }
  return null;
}

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.trim().split(/\s+/));
}

/**
 * Functions of PostgreSQL that are not immutable, and yet give the same wherever the schema, the day and the settings that the replay
 * keeps are the same. Those that are spelled like words of the grammar are types or syntax as well.
 */
const repeatableFunctions = wordsOf(`
  age array_to_json array_to_string clock_timestamp concat concat_ws convert convert_from convert_to current_schema current_schemas
  date date_add date_part date_subtract date_trunc enum_first enum_last enum_range extract format format_type generate_series in_range
  json_agg json_build_array json_build_object json_object_agg json_populate_record json_populate_recordset json_to_record
  json_to_recordset jsonb_agg jsonb_build_array jsonb_build_object jsonb_object_agg jsonb_populate_record jsonb_populate_recordset
  jsonb_to_record jsonb_to_recordset length make_timestamptz money now numeric overlaps
  pg_advisory_lock pg_advisory_lock_shared pg_advisory_unlock pg_advisory_unlock_all pg_advisory_unlock_shared pg_advisory_xact_lock
  pg_advisory_xact_lock_shared pg_function_is_visible pg_get_constraintdef pg_get_expr pg_get_function_arguments
  pg_get_function_identity_arguments pg_get_function_result pg_get_functiondef pg_get_indexdef pg_get_partition_constraintdef
  pg_get_partkeydef pg_get_ruledef pg_get_serial_sequence pg_get_triggerdef pg_get_viewdef pg_identify_object pg_my_temp_schema
  pg_notify pg_partition_ancestors pg_partition_tree pg_sleep pg_sleep_for pg_table_is_visible pg_type_is_visible pg_typeof
  quote_ident quote_literal quote_nullable regclass row_to_json set_config setval statement_timestamp time timestamp timestamptz timetz
  timezone to_char to_date to_json to_jsonb to_number to_regclass to_regnamespace to_regproc to_regprocedure to_regtype to_timestamp
  transaction_timestamp xml
`);

/** Catalogs that hold the schema and nothing else of the server; schemas and tablespaces whose names begin as theirs. */
const readableCatalogs = wordsOf(`
  pg_attrdef pg_attribute pg_catalog pg_class pg_constraint pg_default pg_depend pg_enum pg_index pg_indexes pg_inherits pg_language
  pg_matviews pg_namespace pg_operator pg_partitioned_table pg_proc pg_rewrite pg_tables pg_temp pg_toast pg_trigger pg_type pg_views
`);

const readableViews = wordsOf(`
  check_constraints columns constraint_column_usage key_column_usage referential_constraints routines schemata table_constraints tables
  triggers views
`);
