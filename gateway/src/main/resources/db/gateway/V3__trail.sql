-- Entries of the audit trail that are not yet in Kafka.
CREATE TABLE trail_outbox (
  id          bigint      PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  tenant_id   text        NOT NULL,
  entry       jsonb       NOT NULL,
  taken_until timestamptz NOT NULL DEFAULT '-infinity'
);
