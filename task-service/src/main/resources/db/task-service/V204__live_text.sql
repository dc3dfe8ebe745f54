-- Which replica shows a workflow live to somebody, and the text that models write for it to show: a box of
-- letters for each, emptied every second. Neither is worth keeping over a crash.
CREATE UNLOGGED TABLE live_watch (
  tenant_id   text        NOT NULL,
  workflow_id text        NOT NULL,
  replica     text        NOT NULL,
  until       timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id, replica)
);
CREATE UNLOGGED TABLE live_text (
  replica     text        NOT NULL,
  tenant_id   text        NOT NULL,
  workflow_id text        NOT NULL,
  step_id     text        NOT NULL,
  attempt     int         NOT NULL,
  iteration   int         NOT NULL,
  body        text        NOT NULL,
  written_at  timestamptz NOT NULL,
  PRIMARY KEY (replica, tenant_id, workflow_id, step_id)
);
