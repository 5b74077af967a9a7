/** What a relation is called throughout its life. */

/** Stays the same through RENAME and SET SCHEMA, as PostgreSQL's OID does; new ones are greater than all before. */
export type RelationId = number;
