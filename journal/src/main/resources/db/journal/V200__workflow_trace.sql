-- From here on migrations have one sequence of numbers for the whole system (CONTRIBUTING.md): a lower number than one
-- that was applied would keep replicas of the release before from starting.

-- The trace that a workflow belongs to, where its caller or the service began one.
CREATE TABLE workflow_trace (
  tenant_id   text NOT NULL,
  workflow_id text NOT NULL,
  traceparent text NOT NULL CHECK (length(traceparent) <= 64),
  PRIMARY KEY (tenant_id, workflow_id)
);
