-- The next year. Its CHECK constraint saves ATTACH from reading the whole table.

CREATE TABLE orders_emea_2025 (LIKE orders INCLUDING DEFAULTS);
ALTER TABLE orders_emea_2025 ADD CHECK (region IN ('de', 'fr', 'za') AND ordered_on >= '2025-01-01' AND ordered_on < '2026-01-01');
ALTER TABLE orders_emea ATTACH PARTITION orders_emea_2025 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
