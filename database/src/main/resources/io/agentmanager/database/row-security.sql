-- Runs after each migration, as the owner. Says again what is so already without touching it: a grant or
-- a policy that is there is not made anew.
DO $$
DECLARE
  t record;
BEGIN
  -- Where not everybody may connect.
  IF NOT has_database_privilege('${engine}', current_database(), 'CONNECT') THEN
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO ${engine}, ${tenant}', current_database());
  END IF;
  IF NOT has_schema_privilege('${engine}', current_schema(), 'USAGE') THEN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO ${engine}', current_schema());
  END IF;
  IF NOT has_schema_privilege('${tenant}', current_schema(), 'USAGE') THEN
    EXECUTE format('GRANT USAGE ON SCHEMA %I TO ${tenant}', current_schema());
  END IF;

  -- Whoever waits for a migration sees which were made.
  IF to_regclass('flyway_schema_history') IS NOT NULL
     AND NOT has_table_privilege('${engine}', to_regclass('flyway_schema_history')::oid, 'SELECT') THEN
    GRANT SELECT ON flyway_schema_history TO ${engine};
  END IF;

  FOR t IN
    SELECT c.oid, c.relname AS name, c.relrowsecurity AS walled,
           coalesce(obj_description(c.oid, 'pg_class') LIKE 'append-only%', false) AS append_only,
           EXISTS (SELECT 1 FROM pg_attribute AS a
                   WHERE a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped) AS of_tenants
    FROM pg_class AS c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')
      AND c.relname <> 'flyway_schema_history'
  LOOP
    -- The engine works on everything; what is only ever added to, it can neither change nor remove.
    IF NOT has_table_privilege('${engine}', t.oid, 'INSERT') THEN
      EXECUTE format('GRANT SELECT, INSERT ON %I TO ${engine}', t.name);
    END IF;
    IF t.append_only AND has_table_privilege('${engine}', t.oid, 'UPDATE') THEN
      EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %I FROM ${engine}', t.name);
    END IF;
    IF NOT t.append_only AND NOT has_table_privilege('${engine}', t.oid, 'DELETE') THEN
      EXECUTE format('GRANT UPDATE, DELETE ON %I TO ${engine}', t.name);
    END IF;

    IF t.of_tenants THEN
      IF NOT t.walled THEN
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', t.name);
      END IF;
      IF NOT EXISTS (SELECT 1 FROM pg_policy AS p
                     WHERE p.polrelid = t.oid AND p.polname = 'engine'
                       AND '${engine}'::regrole = ANY (p.polroles)) THEN
        EXECUTE format('DROP POLICY IF EXISTS engine ON %I', t.name);
        EXECUTE format('CREATE POLICY engine ON %I TO ${engine} USING (true) WITH CHECK (true)', t.name);
      END IF;
      -- No tenant set: the comparison is with NULL, and no row is seen.
      IF NOT EXISTS (SELECT 1 FROM pg_policy AS p
                     WHERE p.polrelid = t.oid AND p.polname = 'tenant'
                       AND '${tenant}'::regrole = ANY (p.polroles)) THEN
        EXECUTE format('DROP POLICY IF EXISTS tenant ON %I', t.name);
        EXECUTE format('CREATE POLICY tenant ON %I FOR SELECT TO ${tenant}
          USING (tenant_id = current_setting(''agentmanager.tenant'', true))', t.name);
      END IF;
      IF NOT has_table_privilege('${tenant}', t.oid, 'SELECT') THEN
        EXECUTE format('GRANT SELECT ON %I TO ${tenant}', t.name);
      END IF;
    END IF;
  END LOOP;

  FOR t IN
    SELECT c.oid, c.relname AS name
    FROM pg_class AS c
    WHERE c.relnamespace = current_schema()::regnamespace
      AND CASE WHEN c.relkind = 'S' THEN NOT has_sequence_privilege('${engine}', c.oid, 'USAGE') ELSE false END
  LOOP
    EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE %I TO ${engine}', t.name);
  END LOOP;
END
$$;
