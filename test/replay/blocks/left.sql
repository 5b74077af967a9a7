-- DO blocks that the replay leaves alone: a run on another moment, or on other rows, would do something else.
CREATE TABLE m (k date NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE z (k timestamptz NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE n (k bigint NOT NULL) PARTITION BY RANGE (k);
CREATE TABLE l (k text) PARTITION BY LIST (k);
CREATE TABLE h (k int) PARTITION BY HASH (k);

-- ==== the time of day
DO $$ BEGIN
  EXECUTE format('CREATE TABLE %I PARTITION OF m DEFAULT', 'm_' || to_char(now(), 'HH24MISS'));
END $$;

-- ==== the clock kept in a variable
DO $$ DECLARE moment timestamptz := now(); BEGIN
  EXECUTE format('CREATE TABLE %I PARTITION OF m DEFAULT', 'm_' || extract(epoch from moment));
END $$;

-- ==== one value of a series that cannot be told
DO $$ DECLARE d text; BEGIN
  FOR d IN SELECT generate_series(1, 3)::text COLLATE "C" LOOP EXECUTE format('CREATE TABLE m_%s PARTITION OF m DEFAULT', left(sha256(d::bytea)::text, 8)); END LOOP;
END $$;

-- ==== more of a relation than that it exists
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_class WHERE relname = 'm' AND reltuples = 0) THEN CREATE TABLE m_1 PARTITION OF m DEFAULT; END IF;
END $$;

-- ==== rows of a table
DO $$ BEGIN
  IF (SELECT count(*) FROM m) = 0 THEN CREATE TABLE m_1 PARTITION OF m DEFAULT; END IF;
END $$;

-- ==== an aggregate, which gives a row even of nothing
DO $$ BEGIN
  IF EXISTS (SELECT count(*) FROM pg_class WHERE relname = 'nosuch') THEN
    CREATE TABLE m_1 PARTITION OF m DEFAULT;
  END IF;
END $$;

-- ==== a limit
DO $$ BEGIN
  IF EXISTS (SELECT 1 FROM pg_class WHERE relname = 'm' OFFSET 1) THEN CREATE TABLE m_1 PARTITION OF m DEFAULT; END IF;
END $$;

-- ==== the name of a system catalog
DO $$ BEGIN
  IF NOT EXISTS (SELECT FROM pg_class WHERE relname = 'pg_class') THEN CREATE TABLE m_1 PARTITION OF m DEFAULT; END IF;
END $$;

-- ==== the date of another zone
SET TimeZone = 'Pacific/Kiritimati';
DO $$ BEGIN
  EXECUTE format('CREATE TABLE m_1 PARTITION OF m FOR VALUES FROM (%L) TO (%L)', current_date, current_date + 1);
END $$;

-- ==== a function of which nothing is known
DO $$ BEGIN
  IF nosuch_in_this_file('m') THEN CREATE TABLE m_1 PARTITION OF m DEFAULT; END IF;
END $$;

-- ==== a cursor
DO $$ DECLARE c CURSOR FOR SELECT 1; v int; BEGIN
  OPEN c; FETCH c INTO v; CREATE TABLE m_1 PARTITION OF m DEFAULT;
END $$;

-- ==== a check of the catalogs that is caught
DO $$ BEGIN
  BEGIN
    IF EXISTS (SELECT FROM pg_depend WHERE refobjid = 'm'::regclass) THEN RAISE EXCEPTION 'no'; END IF;
  EXCEPTION WHEN OTHERS THEN CREATE TABLE m_1 PARTITION OF m DEFAULT;
  END;
END $$;

-- ==== a check of the catalogs that leaves the block
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_depend WHERE refobjid = 'm'::regclass) THEN RETURN; END IF;
  CREATE TABLE m_1 PARTITION OF m DEFAULT;
END $$;

-- ==== a check of the catalogs and of rows
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_class WHERE oid IN (SELECT tableoid FROM m)) THEN RAISE EXCEPTION 'no'; END IF;
END $$;

-- ==== a check of rows that a variable keeps
DO $$ DECLARE n int; BEGIN
  SELECT count(*) INTO n FROM m;
  IF n > (SELECT count(*) FROM pg_inherits) THEN RAISE EXCEPTION 'no'; END IF;
END $$;

-- ==== a check of the catalogs that runs what is not known
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_class WHERE nosuch_in_this_file(oid)) THEN RAISE EXCEPTION 'no'; END IF;
END $$;

-- ==== a check of the catalogs of which one branch does more
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_depend WHERE refobjid = 'm'::regclass) THEN CREATE TABLE m_1 PARTITION OF m DEFAULT;
  ELSE RAISE EXCEPTION 'no'; END IF;
END $$;

-- ==== a CASE over the catalogs that has no ELSE
DO $$ BEGIN
  CASE WHEN EXISTS (SELECT FROM pg_depend WHERE refobjid = 'm'::regclass) THEN RAISE EXCEPTION 'no'; END CASE;
END $$;

-- ==== a check of the catalogs behind which something is changed
DO $$ BEGIN
  IF EXISTS (SELECT FROM pg_depend WHERE refobjid = 'm'::regclass AND deptype = 'n') THEN RAISE EXCEPTION 'no'; END IF;
  CREATE TABLE m_1 PARTITION OF m DEFAULT;
END $$;

-- ==== a change, and a loop over the catalogs that refuses
DO $$ DECLARE r record; BEGIN
  CREATE TABLE m_1 PARTITION OF m DEFAULT;
  FOR r IN SELECT conname FROM pg_constraint WHERE confrelid = 'm'::regclass LOOP RAISE EXCEPTION 'the constraint %', r.conname; END LOOP;
END $$;
