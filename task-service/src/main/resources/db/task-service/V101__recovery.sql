-- When the phase began, or whoever must end it was last asked to.
ALTER TABLE workflow ADD COLUMN asked_at timestamptz;
UPDATE workflow SET asked_at = created_at;
CREATE INDEX workflow_awaited ON workflow (asked_at) WHERE status IN ('AUDITING', 'SYNTHESIZING');

-- Retention looks for the oldest outcomes first.
CREATE INDEX workflow_ended ON workflow (completed_at) WHERE completed_at IS NOT NULL;

-- What proves that a workflow existed after everything else of it is gone.
CREATE TABLE workflow_tombstone (
  tenant_id    text        NOT NULL,
  workflow_id  text        NOT NULL,
  status       text        NOT NULL,
  completed_at timestamptz NOT NULL,
  removed_at   timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id)
);
CREATE INDEX workflow_tombstone_age ON workflow_tombstone (removed_at);

-- Running steps that wait for a file: the edges of the graph in which circles are looked for.
CREATE TABLE lock_wait (
  tenant_id   text        NOT NULL,
  workspace   text        NOT NULL,
  path        text        NOT NULL,
  workflow_id text        NOT NULL,
  step_id     text        NOT NULL,
  attempt     int         NOT NULL,
  access      text        NOT NULL,
  wait_until  timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id, step_id, workspace, path)
);
CREATE INDEX lock_wait_over ON lock_wait (wait_until);
CREATE INDEX worker_last_seen ON worker (last_seen);
