-- Migrations are read in order: each one sees the tables that the earlier ones made.

CREATE TABLE orders (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    region TEXT NOT NULL,
    ordered_on DATE NOT NULL,
    amount NUMERIC(12, 2) NOT NULL,
    PRIMARY KEY (id, region, ordered_on)
) PARTITION BY LIST (region);

CREATE TABLE orders_emea PARTITION OF orders FOR VALUES IN ('de', 'fr', 'za') PARTITION BY RANGE (ordered_on);
CREATE TABLE orders_emea_2024 PARTITION OF orders_emea FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE orders_apac PARTITION OF orders FOR VALUES IN ('jp', 'au');
