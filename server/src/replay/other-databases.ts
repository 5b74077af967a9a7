/** Names of folders whose files are for other databases than PostgreSQL. */

const others =
  /^(?:mysql|mariadb|oracle|sqlserver|mssql|h2|hsqldb|derby|db2|sqlite3?|cockroach(?:db)?|clickhouse|snowflake|redshift|firebird|informix|sybase|(?:sap)?hana|spanner|cassandra|mongo(?:db)?|tidb|bigquery|duckdb)$/i;

export function isOtherDatabase(folder: string): boolean {
  return others.test(folder);
}
