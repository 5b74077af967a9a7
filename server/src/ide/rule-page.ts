/** Where the page of a rule is read. */

/** The repository's address, as reports and editors name it. */
export const projectPage = "https://github.com/partition-lens/partition-lens";

/** The address of a rule's page. */
export function rulePage(rule: string): string {
  return `${projectPage}/blob/main/server/docs/rules/${rule}.md`;
}
