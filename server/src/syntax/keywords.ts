/** The keywords of PostgreSQL 18 that cannot be written as any name without quotes, from pg_get_keywords(). */

/** Reserved everywhere. */
const reserved =
  "all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral leading limit localtime localtimestamp not null offset on only or order placing primary references returning select session_user some symmetric system_user table then to trailing true union unique user using variadic when where window with";

/** Allowed as column names, not as names of functions or types. */
const columnNamesOnly =
  "between bigint bit boolean char character coalesce dec decimal exists extract float greatest grouping inout int integer interval json json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table json_value least merge_action national nchar none normalize nullif numeric out overlay position precision real row setof smallint substring time timestamp treat trim values varchar xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize xmltable";

/** Allowed as names of functions and types, not of columns and tables. */
const functionAndTypeNamesOnly =
  "authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join left like natural notnull outer overlaps right similar tablesample verbose";

const needQuotes: ReadonlySet<string> = new Set(
  `${reserved} ${columnNamesOnly} ${functionAndTypeNamesOnly}`.split(" "),
);
const notTableNames: ReadonlySet<string> = new Set(`${reserved} ${functionAndTypeNamesOnly}`.split(" "));

/** Whether `quote_ident` puts a lower-case word in quotes: it does so for every keyword that is reserved somewhere. */
export function isKeywordThatNeedsQuotes(word: string): boolean {
  return needQuotes.has(word);
}

/** Whether a lower-case word can name a table or a column without quotes (the grammar's ColId). */
export function canNameTable(word: string): boolean {
  return !notTableNames.has(word);
}
