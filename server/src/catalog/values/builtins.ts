/** Look-ups in PostgreSQL's own functions, operators, casts, operator classes and types. */

/** Whether PostgreSQL itself has a type of that internal name in `pg_catalog`: `int4`, `timestamptz`, `point`. */
export function isBuiltinType(name: string): boolean {
  return typeNames.has(name);
}

const typeNames: ReadonlySet<string> = new Set(
  (
    "bool bytea char name int8 int2 int2vector int4 regproc text oid tid xid cid oidvector json xml point lseg path box " +
    "polygon line float4 float8 money macaddr inet cidr macaddr8 aclitem bpchar varchar date time timestamp timestamptz " +
    "interval timetz bit varbit numeric refcursor regprocedure regoper regoperator regclass regcollation regtype regrole " +
    "regnamespace uuid pg_lsn tsvector gtsvector tsquery regconfig regdictionary jsonb jsonpath txid_snapshot pg_snapshot " +
    "int4range numrange tsrange tstzrange daterange int8range int4multirange nummultirange tsmultirange tstzmultirange " +
    "datemultirange int8multirange record cstring any anyarray void trigger event_trigger language_handler internal " +
    "anyelement anynonarray anyenum anyrange anycompatible anycompatiblearray anycompatiblenonarray anycompatiblerange xid8"
  ).split(" "),
);
