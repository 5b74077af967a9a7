/** Well-known extensions as data: the functions, operators, types and operator classes that they bring. */

/** What one extension brings, names between spaces. Functions that support types, operators and indexes are left out. */
export interface KnownExtension {
  /** Functions that read, compute, or change the row at hand, and run nobody else's code. */
  readonly functions?: string | undefined;
  /** Functions that are known by their beginning. */
  readonly beginnings?: RegExp | undefined;
  /** Those that PostgreSQL has under no such name. */
  readonly operators?: string | undefined;
  readonly types?: string | undefined;
  readonly classes?: string | undefined;
  readonly methods?: string | undefined;
  /** Languages for functions. */
  readonly languages?: string | undefined;
  /** Its functions' names are so common that they are its own only where it was created. */
  readonly onlyWhereCreated?: true | undefined;
}

/**
 * Of contrib the names are those of the installation scripts that PostgreSQL 18 ships; of others those of their manuals. None
 * of these has event triggers that change the schema.
 */
export const knownExtensions: Readonly<Record<string, KnownExtension>> = {
  amcheck: { functions: "verify_heapam" },
  autoinc: { functions: "autoinc" },
  bloom: { methods: "bloom" },
  btree_gin: {},
  btree_gist: {
    functions:
      "cash_dist date_dist float4_dist float8_dist gist_translate_cmptype_btree int2_dist int4_dist int8_dist interval_dist oid_dist time_dist ts_dist tstz_dist",
    classes:
      "gist_bit_ops gist_bool_ops gist_bpchar_ops gist_bytea_ops gist_cash_ops gist_cidr_ops gist_date_ops gist_enum_ops gist_float4_ops gist_float8_ops gist_inet_ops gist_int2_ops gist_int4_ops gist_int8_ops gist_interval_ops gist_macaddr8_ops gist_macaddr_ops gist_numeric_ops gist_oid_ops gist_text_ops gist_time_ops gist_timestamp_ops gist_timestamptz_ops gist_timetz_ops gist_uuid_ops gist_vbit_ops",
  },
  citext: {
    functions: "texticlike texticnlike texticregexeq texticregexne",
    types: "citext",
    classes: "citext_ops citext_pattern_ops",
  },
  cube: {
    onlyWhereCreated: true,
    functions:
      "cube cube_coord cube_coord_llur cube_dim cube_distance cube_enlarge cube_is_point cube_ll_coord cube_size cube_subset cube_union cube_ur_coord distance_chebyshev distance_taxicab",
    operators: "<#> <=> ~>",
    types: "cube",
    classes: "cube_ops gist_cube_ops",
  },
  dict_int: {},
  dict_xsyn: {},
  earthdistance: {
    onlyWhereCreated: true,
    functions: "earth earth_box earth_distance gc_to_sec geo_distance latitude ll_to_earth longitude sec_to_gc",
    operators: "<@>",
    types: "earth",
  },
  file_fdw: {},
  fuzzystrmatch: {
    functions:
      "daitch_mokotoff difference dmetaphone dmetaphone_alt levenshtein levenshtein_less_equal metaphone soundex text_soundex",
  },
  hstore: {
    onlyWhereCreated: true,
    functions:
      "akeys avals defined delete each exist exists_all exists_any fetchval hs_concat hs_contained hs_contains hstore hstore_to_array hstore_to_json hstore_to_json_loose hstore_to_jsonb hstore_to_jsonb_loose hstore_to_matrix isdefined isexists populate_record skeys slice slice_array svals tconvert",
    operators: "#<# #<=# #= #># #>=# %# %%",
    types: "ghstore hstore",
    classes: "btree_hstore_ops gin_hstore_ops gist_hstore_ops hash_hstore_ops",
  },
  insert_username: { functions: "insert_username" },
  intarray: {
    onlyWhereCreated: true,
    functions:
      "boolop ginint4_consistent ginint4_queryextract icount idx intarray_del_elem intarray_push_array intarray_push_elem intset intset_subtract intset_union_elem querytree rboolop sort sort_asc sort_desc subarray uniq",
    types: "intbig_gkey query_int",
    classes: "gin__int_ops gist__int_ops gist__intbig_ops",
  },
  isn: {
    onlyWhereCreated: true,
    functions: "is_valid isbn isbn13 ismn ismn13 isneq isnge isngt isnle isnlt isnne issn issn13 make_valid upc",
    types: "ean13 isbn isbn13 ismn ismn13 issn issn13 upc",
    classes: "ean13_ops isbn13_ops isbn_ops ismn13_ops ismn_ops issn13_ops issn_ops upc_ops",
  },
  lo: { functions: "lo_manage lo_oid", types: "lo" },
  ltree: {
    onlyWhereCreated: true,
    functions:
      "_ltxtq_exec _ltxtq_extract_exec _ltxtq_rexec index lca ltq_regex ltq_rregex ltree2text ltreeparentsel nlevel subltree subpath text2ltree",
    operators: "?<@ ?@ ?@> ?~ ^<@ ^? ^@ ^@> ^~",
    types: "lquery ltree ltree_gist ltxtquery",
    classes: "gist__ltree_ops gist_ltree_ops hash_ltree_ops ltree_ops",
  },
  moddatetime: { functions: "moddatetime" },
  pageinspect: {
    functions:
      "brin_metapage_info brin_page_items brin_page_type brin_revmap_data fsm_page_contents get_raw_page gist_page_items gist_page_items_bytea gist_page_opaque_info heap_page_item_attrs heap_page_items heap_tuple_infomask_flags page_checksum page_header tuple_data_split",
  },
  pg_buffercache: {
    functions:
      "pg_buffercache_evict pg_buffercache_evict_all pg_buffercache_evict_relation pg_buffercache_numa_pages pg_buffercache_pages pg_buffercache_summary pg_buffercache_usage_counts",
  },
  pg_freespacemap: { functions: "pg_freespace" },
  pg_logicalinspect: { functions: "pg_get_logical_snapshot_info pg_get_logical_snapshot_meta" },
  pg_stat_statements: { functions: "pg_stat_statements pg_stat_statements_info pg_stat_statements_reset" },
  pg_surgery: { functions: "heap_force_freeze heap_force_kill" },
  pg_trgm: {
    functions:
      "set_limit show_limit show_trgm similarity similarity_dist similarity_op strict_word_similarity strict_word_similarity_commutator_op strict_word_similarity_dist_commutator_op strict_word_similarity_dist_op strict_word_similarity_op word_similarity word_similarity_commutator_op word_similarity_dist_commutator_op word_similarity_dist_op word_similarity_op",
    operators: "%> %>> <% <->> <->>> <<% <<-> <<<->",
    types: "gtrgm",
    classes: "gin_trgm_ops gist_trgm_ops",
  },
  pg_visibility: {
    functions:
      "pg_check_frozen pg_check_visible pg_truncate_visibility_map pg_visibility pg_visibility_map pg_visibility_map_summary",
  },
  pg_walinspect: {
    functions:
      "pg_get_wal_block_info pg_get_wal_record_info pg_get_wal_records_info pg_get_wal_records_info_till_end_of_wal pg_get_wal_stats pg_get_wal_stats_till_end_of_wal",
  },
  pgcrypto: {
    functions:
      "armor crypt dearmor decrypt decrypt_iv digest encrypt encrypt_iv fips_mode gen_random_bytes gen_salt hmac pgp_armor_headers pgp_key_id pgp_pub_decrypt pgp_pub_decrypt_bytea pgp_pub_encrypt pgp_pub_encrypt_bytea pgp_sym_decrypt pgp_sym_decrypt_bytea pgp_sym_encrypt pgp_sym_encrypt_bytea",
  },
  refint: { functions: "check_primary_key" },
  seg: { types: "seg", classes: "gist_seg_ops seg_ops" },
  tablefunc: { functions: "normal_rand", types: "tablefunc_crosstab_2 tablefunc_crosstab_3 tablefunc_crosstab_4" },
  tcn: { functions: "triggered_change_notification" },
  tsm_system_rows: { functions: "system_rows" },
  tsm_system_time: { functions: "system_time" },
  unaccent: { functions: "unaccent" },
  "uuid-ossp": {
    functions:
      "uuid_generate_v1 uuid_generate_v1mc uuid_generate_v3 uuid_generate_v4 uuid_generate_v5 uuid_nil uuid_ns_dns uuid_ns_oid uuid_ns_url uuid_ns_x500",
  },
  plpgsql: { languages: "plpgsql" },
  plperl: { languages: "plperl" },
  plperlu: { languages: "plperlu" },
  plpython3u: { languages: "plpython3u" },
  pltcl: { languages: "pltcl" },
  pltclu: { languages: "pltclu" },
  plv8: { languages: "plv8", functions: "plv8_version plv8_reset" },
  plrust: { languages: "plrust" },
  adminpack: {},
  dblink: {},
  intagg: { functions: "int_array_aggregate int_array_enum" },
  old_snapshot: {},
  pg_prewarm: { functions: "pg_prewarm autoprewarm_start_worker autoprewarm_dump_now" },
  pgrowlocks: { functions: "pgrowlocks" },
  pgstattuple: { functions: "pgstattuple pgstatindex pgstatginindex pgstathashindex pg_relpages pgstattuple_approx" },
  postgres_fdw: { functions: "postgres_fdw_disconnect postgres_fdw_disconnect_all postgres_fdw_get_connections" },
  sslinfo: {
    functions:
      "ssl_is_used ssl_version ssl_cipher ssl_client_cert_present ssl_client_serial ssl_client_dn ssl_issuer_dn ssl_client_dn_field ssl_issuer_field",
  },
  xml2: {
    functions:
      "xml_valid xpath_string xpath_number xpath_bool xpath_nodeset xpath_list xslt_process xml_encode_special_chars",
  },
  pgtap: {
    functions:
      "plan no_plan finish ok pass fail diag is isnt matches imatches doesnt_match doesnt_imatch alike ialike unalike unialike " +
      "cmp_ok isa_ok skip todo todo_start todo_end in_todo tables_are views_are schemas_are tablespaces_are sequences_are " +
      "foreign_tables_are functions_are roles_are users_are groups_are languages_are opclasses_are rules_are triggers_are " +
      "types_are domains_are enums_are extensions_are indexes_are casts_are operators_are columns_are materialized_views_are " +
      "policies_are partitions_are is_member_of isnt_member_of is_superuser isnt_superuser is_partitioned isnt_partitioned " +
      "is_partition_of is_clustered is_ancestor_of is_descendent_of is_indexed is_aggregate is_procedure is_window " +
      "is_strict is_definer is_normal_function isnt_aggregate isnt_definer isnt_strict isnt_procedure isnt_window " +
      "collect_tap display_oper findfuncs os_name pg_version pg_version_num pgtap_version num_failed performs " +
      "volatility_is policy_cmd_is policy_roles_are rule_is_instead rule_is_on index_is_unique index_is_primary " +
      "index_is_type index_is_partial index_owner_is trigger_is can fk_ok domain_type_is domain_type_isnt row_type",
    beginnings:
      /^(?:has|hasnt|col|enum|function|any_column|database|schema|table|view|sequence|foreign_table|fdw|server|language|tablespace|type|opclass|materialized_view|column)_(?:\w+_)?(?:is|isnt|are|table|view|sequence|schema|column|index|function|role|user|group|trigger|type|domain|enum|extension|pk|fk|unique|check|null|default|cast|operator|leftop|rightop|rule|language|tablespace|opclass|composite|inherited_tables|materialized_view|foreign_table|procedure|relation|privs|returns|lang|owner|owner_is|privs_are|labels)(?:_\w+)?$/,
  },
  postgis: {
    beginnings: /^_?(?:st|postgis)_|^(?:geometry|geography|box2d|box3d|overlaps|contains|is_contained)_|^geometrytype$/,
    operators: "&&& &/& @>> <<@ ~= ~== |=| <<->> <<#>> <#> &<| |&> <<| |>>",
    types: "geometry geography box2d box3d raster geometry_dump valid_detail",
    classes:
      "gist_geometry_ops_2d gist_geometry_ops_nd gist_geography_ops brin_geometry_inclusion_ops_2d spgist_geometry_ops_2d",
  },
  postgis_raster: { types: "raster rastbandarg geomval addbandarg summarystats" },
  postgis_sfcgal: { beginnings: /^cg_/ },
  postgis_topology: { types: "topogeometry" },
  postgis_tiger_geocoder: {},
  address_standardizer: { functions: "parse_address standardize_address" },
  pgrouting: { beginnings: /^_?pgr_/ },
  h3: { beginnings: /^h3_/, types: "h3index" },
  vector: {
    functions:
      "cosine_distance inner_product l1_distance l2_distance l2_norm l2_normalize vector_dims vector_norm vector_avg binary_quantize subvector hamming_distance jaccard_distance",
    operators: "<#> <=> <+> <~> <%>",
    types: "vector halfvec sparsevec",
    classes:
      "vector_l2_ops vector_ip_ops vector_cosine_ops vector_l1_ops halfvec_l2_ops halfvec_ip_ops halfvec_cosine_ops halfvec_l1_ops sparsevec_l2_ops sparsevec_ip_ops sparsevec_cosine_ops bit_hamming_ops bit_jaccard_ops",
    methods: "hnsw ivfflat",
  },
  pg_uuidv7: { functions: "uuid_generate_v7 uuid_v7_to_timestamptz uuid_timestamptz_to_v7" },
  pgjwt: { functions: "sign verify url_encode url_decode algorithm_sign", onlyWhereCreated: true },
  hll: { beginnings: /^hll_/, types: "hll hll_hashval" },
  topn: { beginnings: /^topn_?/ },
  tdigest: { beginnings: /^tdigest/, types: "tdigest" },
  semver: { types: "semver", functions: "to_semver get_semver_major get_semver_minor get_semver_patch" },
  ip4r: { types: "ip4 ip4r ip6 ip6r ipaddress iprange" },
  prefix: { types: "prefix_range", classes: "gist_prefix_range_ops" },
  pg_bigm: { functions: "show_bigm bigm_similarity likequery", classes: "gin_bigm_ops", operators: "=%" },
  pgroonga: { operators: "&@ &@~ &@* &^ &^~ &~|", methods: "pgroonga", beginnings: /^pgroonga_/ },
  rum: { methods: "rum", classes: "rum_tsvector_ops rum_tsvector_addon_ops rum_tsvector_hash_ops", operators: "<=>" },
  jsquery: { types: "jsquery", classes: "jsonb_path_value_ops jsonb_value_path_ops" },
  pg_jsonschema: { functions: "json_matches_schema jsonb_matches_schema jsonschema_is_valid" },
  temporal_tables: { functions: "versioning set_system_time" },
  hypopg: { beginnings: /^hypopg/ },
  columnar: { methods: "columnar" },
  citus_columnar: { methods: "columnar" },
  citus: {},
  timescaledb: {
    functions: "time_bucket time_bucket_gapfill first last locf interpolate histogram",
    onlyWhereCreated: true,
  },
  pg_partman: {},
  pg_pathman: {
    functions:
      "build_check_constraint_name build_hash_condition build_range_condition build_sequence_name check_boundaries check_range_available debug_capture generate_range_bounds get_attribute_type get_attribute_type_name get_base_type get_base_type_name get_hash get_hash_part_idx get_number_of_partitions get_parent_of_partition get_part_range get_partition_key get_partition_key_type get_partition_type get_pathman_lib_version get_plain_schema_and_relname get_rel_tablespace_name get_schema_qualified_name get_tablespace get_type_hash_func has_parent_partitioned has_update_trigger is_attribute_nullable is_date_type is_operator_supported is_tuple_convertible pathman_version show_cache_stats show_concurrent_part_tasks show_partition_list validate_expression validate_interval_value validate_part_callback validate_relname",
  },
  pg_cron: {},
  pgaudit: {},
  pg_repack: {},
  pg_squeeze: {},
  pg_hint_plan: {},
  pg_stat_kcache: {},
  pg_qualstats: {},
  pg_wait_sampling: {},
  pg_stat_monitor: {},
  plpgsql_check: { functions: "plpgsql_check_function plpgsql_check_function_tb plpgsql_profiler_reset" },
  pldbgapi: {},
  plprofiler: {},
  http: { functions: "http http_get http_post http_put http_delete urlencode", onlyWhereCreated: true },
  oracle_fdw: {},
  mysql_fdw: {},
  tds_fdw: {},
  mongo_fdw: {},
  sqlite_fdw: {},
  aws_s3: {},
  aws_commons: {},
  orafce: {},
};
