-- What attempts asked people, and what was said; and what attempts made besides their results.
CREATE TABLE step_approval (
  tenant_id   text        NOT NULL,
  workflow_id text        NOT NULL,
  step_id     text        NOT NULL,
  attempt     int         NOT NULL,
  asked       jsonb       NOT NULL,
  asked_at    timestamptz NOT NULL,
  decision    text,
  comment     text,
  decided_by  text,
  decided_at  timestamptz,
  PRIMARY KEY (tenant_id, workflow_id, step_id, attempt)
);
CREATE INDEX step_approval_open ON step_approval (tenant_id, asked_at) WHERE decision IS NULL;
ALTER TABLE step_result ADD COLUMN artefacts jsonb;
