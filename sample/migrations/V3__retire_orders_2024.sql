-- The old year leaves the table and stays readable under its own name. CONCURRENTLY lets queries
-- go on; PostgreSQL refuses it in a transaction, so the .conf beside has Flyway use none.

ALTER TABLE orders_emea DETACH PARTITION orders_emea_2024 CONCURRENTLY;
