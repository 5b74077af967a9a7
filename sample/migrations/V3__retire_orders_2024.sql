-- The old year leaves the table and stays readable under its own name. CONCURRENTLY lets queries go on meanwhile.

ALTER TABLE orders_emea DETACH PARTITION orders_emea_2024 CONCURRENTLY;

SELECT sum(amount) FROM orders WHERE region = 'de' AND ordered_on >= '2025-03-01';
