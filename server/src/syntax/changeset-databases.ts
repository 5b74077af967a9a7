/** For which databases a changeset of Liquibase is: what stands behind `dbms:` in its first line. */

/**
 * Whether a Liquibase changeset is for other databases than PostgreSQL: `dbms:mysql,oracle`, `dbms:!postgresql`, `dbms:none`. Of a
 * list one that names it is enough, and so is one that only says which are not meant.
 */
export function isForOtherDatabase(line: string): boolean {
  const [, quoted, plain] = /[ \t]dbms:[ \t]*(?:"([^"]*)"|(\S+))/i.exec(line) ?? [];
  const names = (quoted ?? plain ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim());
  const named = names.filter((name) => name !== "");
  if (named.length === 0 || named.includes("all")) return false;
  if (named.includes("!postgresql")) return true;
  return !named.includes("postgresql") && named.some((name) => !name.startsWith("!"));
}
