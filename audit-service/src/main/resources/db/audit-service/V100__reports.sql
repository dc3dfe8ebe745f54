CREATE TABLE audit_report (
  tenant_id   text        NOT NULL,
  workflow_id text        NOT NULL,
  cycle       int         NOT NULL,
  report      jsonb       NOT NULL,
  usage       jsonb       NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id, cycle)
);
