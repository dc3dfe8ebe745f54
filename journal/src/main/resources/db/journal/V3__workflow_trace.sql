-- The trace that a workflow belongs to, where its caller or the service began one.
CREATE TABLE workflow_trace (
  tenant_id   text NOT NULL,
  workflow_id text NOT NULL,
  traceparent text NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id)
);
