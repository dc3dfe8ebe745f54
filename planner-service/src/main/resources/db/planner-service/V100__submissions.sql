CREATE TABLE submission (
  tenant_id       text        NOT NULL,
  workflow_id     text        NOT NULL,
  idempotency_key text,
  body_hash       text        NOT NULL,
  submission      jsonb       NOT NULL,
  explicit        boolean     NOT NULL,
  plan            jsonb,
  failure         jsonb,
  usage           jsonb       NOT NULL,
  created_at      timestamptz NOT NULL,
  planned_at      timestamptz,
  PRIMARY KEY (tenant_id, workflow_id)
);
CREATE UNIQUE INDEX submission_idempotency_key ON submission (tenant_id, idempotency_key)
  WHERE idempotency_key IS NOT NULL;

CREATE TABLE synthesis (
  tenant_id   text        NOT NULL,
  workflow_id text        NOT NULL,
  cycle       int         NOT NULL,
  document    jsonb       NOT NULL,
  created_at  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id, cycle)
);
