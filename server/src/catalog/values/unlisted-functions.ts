/** Calls of what the tables of functions do not have, and PostgreSQL takes all the same. */

import type { FunctionCall } from "../../syntax/expression.ts";
import { type Catalog, findRelation } from "../catalog.ts";
import type { DataType } from "../data-type.ts";
import { builtinType } from "./builtins.ts";
import { unsureType } from "./folded.ts";

/**
 * Whether a call of a function that is not known may be one of those, a cast to a type by its name (`uuid(a)`), or a column of a
 * row: `a(t)` for `t.a`.
 */
export function mayBeOther(call: FunctionCall, types: readonly (DataType | null)[], catalog: Catalog): boolean {
  const [name = "", schema = null] = [...call.name].reverse();
  // An array's type has the name of its elements behind an underscore.
  const element = name.replace(/^_/, "");
  const ending = `\0${element}`;
  return (
    unlisted().has(name) ||
    builtinType(element) !== null ||
    types.some((type) => type === unsureType || type?.kind === "composite") ||
    [...catalog.types.keys()].some((key) => key.endsWith(ending)) ||
    findRelation(catalog, { schema, name: element }) !== null
  );
}

function unlisted(): ReadonlySet<string> {
  known ??= new Set(names.split(" "));
  return known;
}

let known: ReadonlySet<string> | null = null;

/** Functions of any version from 10 to 18: those on the textual form of values, and those that 18 has no more. */
const names =
  "RI_FKey_cascade_del RI_FKey_cascade_upd RI_FKey_check_ins RI_FKey_check_upd RI_FKey_noaction_del " +
  "RI_FKey_noaction_upd RI_FKey_restrict_del RI_FKey_restrict_upd RI_FKey_setdefault_del RI_FKey_setdefault_upd " +
  "RI_FKey_setnull_del RI_FKey_setnull_upd abstime abstimeeq abstimege abstimegt abstimein abstimele abstimelt " +
  "abstimene abstimeout abstimesend aclitemin aclitemout any_in any_out anyarray_in anyarray_out anycompatible_in " +
  "anycompatible_out anycompatiblearray_in anycompatiblearray_out anycompatiblemultirange_in " +
  "anycompatiblemultirange_out anycompatiblenonarray_in anycompatiblenonarray_out anycompatiblerange_in " +
  "anycompatiblerange_out anyelement_in anyelement_out anyenum_in anyenum_out anymultirange_in anymultirange_out " +
  "anynonarray_in anynonarray_out anyrange_in anyrange_out array_in array_out " +
  "binary_upgrade_set_next_toast_pg_type_oid bit_in bit_out bittypmodout boolin boolout box_in box_out bpcharin " +
  "bpcharout bpchartypmodout brin_bloom_summary_in brin_bloom_summary_out brin_minmax_multi_summary_in " +
  "brin_minmax_multi_summary_out btabstimecmp btreltimecmp bttintervalcmp byteain byteaout cash_in cash_out charin " +
  "charout cidin cidout cidr_in cidr_out circle_in circle_out close_lb close_sl cstring_in cstring_out cstring_send " +
  "currtid date_in date_out dist_bl dist_lb domain_in enum_in enum_out event_trigger_in event_trigger_out " +
  "fdw_handler_in fdw_handler_out float4in float4out float8in float8out gtsvectorin gtsvectorout " +
  "index_am_handler_in index_am_handler_out inet_in inet_out int2in int2out int2vectorin int2vectorout int4in " +
  "int4out int8in int8out internal_in interval_accum interval_accum_inv interval_avg interval_combine interval_in " +
  "interval_out intervaltypmodout intinterval json_in json_out jsonb_in jsonb_out jsonpath_in jsonpath_out " +
  "language_handler_in language_handler_out line_in line_out lseg_in lseg_out macaddr8_in macaddr8_out macaddr_in " +
  "macaddr_out mktinterval multirange_in multirange_out namein nameout numeric_fac numeric_in numeric_out " +
  "numerictypmodout oidin oidout oidvectorin oidvectorout opaque_in opaque_out path_center path_in path_out " +
  "pg_backup_start_time pg_ddl_command_in pg_ddl_command_out pg_dependencies_in pg_dependencies_out pg_is_in_backup " +
  "pg_lsn_in pg_lsn_out pg_mcv_list_in pg_mcv_list_out pg_ndistinct_in pg_ndistinct_out pg_node_tree_in " +
  "pg_node_tree_out pg_read_file_old pg_rotate_logfile_old pg_snapshot_in pg_snapshot_out pg_start_backup " +
  "pg_stat_get_bgwriter_buf_written_checkpoints pg_stat_get_bgwriter_requested_checkpoints " +
  "pg_stat_get_bgwriter_timed_checkpoints pg_stat_get_buf_fsync_backend pg_stat_get_buf_written_backend " +
  "pg_stat_get_checkpoint_sync_time pg_stat_get_checkpoint_write_time pg_stop_backup pg_timezone_abbrevs " +
  "plpgsql_call_handler point_in point_out poly_in poly_out range_in range_out record_in record_out regclassin " +
  "regclassout regcollationin regcollationout regconfigin regconfigout regdictionaryin regdictionaryout " +
  "regnamespacein regnamespaceout regoperatorin regoperatorout regoperin regoperout regprocedurein regprocedureout " +
  "regprocin regprocout regrolein regroleout regtypein regtypeout reltime reltimeeq reltimege reltimegt reltimein " +
  "reltimele reltimelt reltimene reltimeout reltimesend shell_in shell_out smgreq smgrin smgrne smgrout " +
  "suppress_redundant_updates_trigger table_am_handler_in table_am_handler_out textin textout tidin tidout time_in " +
  "time_out timemi timenow timepl timestamp_in timestamp_out timestamptypmodout timestamptz_in timestamptz_out " +
  "timestamptztypmodout timetypmodout timetz_in timetz_out timetztypmodout tinterval tintervalct tintervalend " +
  "tintervaleq tintervalge tintervalgt tintervalin tintervalle tintervalleneq tintervallenge tintervallengt " +
  "tintervallenle tintervallenlt tintervallenne tintervallt tintervalne tintervalout tintervalov tintervalrel " +
  "tintervalsame tintervalsend tintervalstart trigger_in trigger_out tsm_handler_in tsm_handler_out tsqueryin " +
  "tsqueryout tsvector_update_trigger tsvector_update_trigger_column tsvectorin tsvectorout txid_snapshot_in " +
  "txid_snapshot_out unique_key_recheck unknownin unknownout uuid_in uuid_out varbit_in varbit_out varbittypmodout " +
  "varcharin varcharout varchartypmodout void_in void_out xid8in xid8out xidin xidout xml_in xml_out";
