-- Which workflows have ended, whether or not a report of them was written before or after that.
CREATE TABLE finished_workflow (
  tenant_id   text        NOT NULL,
  workflow_id text        NOT NULL,
  finished_at timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id)
);
CREATE INDEX finished_workflow_by_age ON finished_workflow (finished_at);
