-- A shop that keeps orders by month: enums, domains, identity, generated columns, foreign keys both ways, defaults.
CREATE TYPE order_state AS ENUM ('new', 'paid', 'shipped', 'returned');
CREATE DOMAIN amount AS numeric(12, 2) CHECK (VALUE >= 0);
CREATE DOMAIN sku AS varchar(20) NOT NULL;
CREATE TABLE customers (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL,
    country char(2) DEFAULT 'DE' NOT NULL,
    created_at timestamptz DEFAULT now() NOT NULL,
    CONSTRAINT customers_email_key UNIQUE (email),
    CONSTRAINT customers_email_check CHECK (email LIKE '%@%')
);
CREATE TABLE orders (
    id bigserial,
    customer_id bigint NOT NULL REFERENCES customers (id) ON DELETE CASCADE,
    state order_state DEFAULT 'new' NOT NULL,
    total amount,
    net numeric GENERATED ALWAYS AS (round(total / 1.19, 2)) STORED,
    ordered_at timestamp without time zone NOT NULL,
    note text COLLATE "C",
    PRIMARY KEY (id, ordered_at),
    CHECK (total < 1000000::numeric)
) PARTITION BY RANGE (ordered_at);
CREATE INDEX orders_customer_idx ON orders (customer_id, ordered_at DESC);
CREATE INDEX ON orders (lower(note)) WHERE state <> 'returned';
CREATE TABLE orders_2023 PARTITION OF orders FOR VALUES FROM (MINVALUE) TO ('2024-01-01');
CREATE TABLE orders_2024_q1 PARTITION OF orders (CONSTRAINT q1_note CHECK (note IS NOT NULL), total NOT NULL)
    FOR VALUES FROM ('2024-01-01') TO ('2024-04-01');
CREATE TABLE orders_2024_q2 (LIKE orders INCLUDING ALL);
ALTER TABLE orders ATTACH PARTITION orders_2024_q2 FOR VALUES FROM ('2024-04-01') TO ('2024-07-01 12:30:00.5');
CREATE TABLE orders_rest PARTITION OF orders DEFAULT PARTITION BY LIST (state);
CREATE TABLE orders_rest_open PARTITION OF orders_rest FOR VALUES IN ('new', 'paid');
CREATE TABLE orders_rest_done PARTITION OF orders_rest FOR VALUES IN ('shipped', 'returned');
CREATE TABLE order_lines (
    order_id bigint NOT NULL,
    ordered_at timestamp NOT NULL,
    item sku,
    quantity integer DEFAULT 1 CHECK (quantity BETWEEN 1 AND 1000),
    FOREIGN KEY (order_id, ordered_at) REFERENCES orders (id, ordered_at)
) PARTITION BY HASH (order_id);
CREATE TABLE order_lines_0 PARTITION OF order_lines FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE order_lines_1 PARTITION OF order_lines FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE order_lines_2 PARTITION OF order_lines FOR VALUES WITH (MODULUS 6, REMAINDER 2);
CREATE TABLE order_lines_5 PARTITION OF order_lines FOR VALUES WITH (MODULUS 6, REMAINDER 5) PARTITION BY HASH (ordered_at);
CREATE TABLE order_lines_5_0 PARTITION OF order_lines_5 FOR VALUES WITH (MODULUS 1, REMAINDER 0);
CREATE VIEW open_orders AS SELECT id, ordered_at, total FROM orders WHERE state IN ('new', 'paid');
CREATE MATERIALIZED VIEW order_totals AS SELECT customer_id, sum(total) AS total FROM orders GROUP BY customer_id;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER touch_orders BEFORE INSERT ON orders FOR EACH ROW EXECUTE FUNCTION touch();
COMMENT ON TABLE orders IS 'don''t drop; orders are kept by month';
