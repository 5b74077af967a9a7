-- The old year leaves the table and stays readable under its own name. CONCURRENTLY lets queries go on meanwhile; PostgreSQL
-- refuses it in a transaction, so V3__retire_orders_2024.sql.conf has Flyway run this file without one.

ALTER TABLE orders_emea DETACH PARTITION orders_emea_2024 CONCURRENTLY;
