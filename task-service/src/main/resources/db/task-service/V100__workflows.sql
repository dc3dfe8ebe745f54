-- Hot rows are narrow: what changes with every transition stands apart from what never changes.
CREATE TABLE workflow (
  tenant_id         text        NOT NULL,
  workflow_id       text        NOT NULL,
  status            text        NOT NULL,
  cycle             int         NOT NULL,
  open_steps        int         NOT NULL,
  broken_sinks      int         NOT NULL,
  on_failure        text        NOT NULL,
  audit_mode        text        NOT NULL,
  max_rework_cycles int         NOT NULL,
  deadline          timestamptz,
  error             jsonb,
  created_at        timestamptz NOT NULL,
  completed_at      timestamptz,
  PRIMARY KEY (tenant_id, workflow_id)
) WITH (fillfactor = 80);
CREATE INDEX workflow_newest ON workflow (tenant_id, created_at DESC, workflow_id DESC);
CREATE INDEX workflow_deadline ON workflow (deadline)
  WHERE deadline IS NOT NULL AND completed_at IS NULL;
CREATE INDEX workflow_planning ON workflow (created_at) WHERE status = 'PLANNING';

CREATE TABLE workflow_definition (
  tenant_id    text  NOT NULL,
  workflow_id  text  NOT NULL,
  description  text  NOT NULL,
  complexity   text  NOT NULL,
  priority     int   NOT NULL,
  metadata     jsonb,
  max_tokens   bigint,
  max_cost_usd double precision,
  PRIMARY KEY (tenant_id, workflow_id)
);

CREATE TABLE workflow_outcome (
  tenant_id   text   NOT NULL,
  workflow_id text   NOT NULL,
  result      text   NOT NULL,
  sources     text[] NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id)
);

-- What planning, audits and synthesis spent; what steps spent stands with their results.
CREATE TABLE workflow_usage (
  tenant_id     text             NOT NULL,
  workflow_id   text             NOT NULL,
  spent_by      text             NOT NULL,
  input_tokens  bigint           NOT NULL,
  output_tokens bigint           NOT NULL,
  cost_usd      double precision NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id, spent_by)
);

CREATE TABLE step (
  tenant_id         text     NOT NULL,
  workflow_id       text     NOT NULL,
  step_id           text     NOT NULL,
  status            text     NOT NULL,
  attempt           int      NOT NULL,
  failures          int      NOT NULL,
  open_dependencies int      NOT NULL,
  max_attempts      int      NOT NULL,
  capability        text     NOT NULL,
  priority          smallint NOT NULL,
  position          bigint   NOT NULL GENERATED ALWAYS AS IDENTITY,
  sink              boolean  NOT NULL,
  uses_files        boolean  NOT NULL,
  run_seconds       double precision NOT NULL,
  blocked           text,
  not_before        timestamptz,
  worker_id         text,
  claim_id          text,
  heard             boolean  NOT NULL DEFAULT false,
  claimed_at        timestamptz,
  lease_until       timestamptz,
  run_until         timestamptz,
  started_at        timestamptz,
  completed_at      timestamptz,
  PRIMARY KEY (tenant_id, workflow_id, step_id)
) WITH (fillfactor = 80);
COMMENT ON COLUMN step.blocked IS 'READY but not claimable: backoff (until not_before) or files';

CREATE INDEX step_claimable ON step (tenant_id, capability, priority DESC, position)
  WHERE status = 'READY' AND blocked IS NULL;
CREATE INDEX step_blocked ON step (tenant_id, blocked) WHERE status = 'READY' AND blocked IS NOT NULL;
CREATE INDEX step_held ON step (tenant_id, worker_id) WHERE status = 'IN_PROGRESS';

CREATE TABLE step_definition (
  tenant_id    text   NOT NULL,
  workflow_id  text   NOT NULL,
  step_id      text   NOT NULL,
  ordinal      int    NOT NULL,
  spec         jsonb  NOT NULL,
  dependencies text[] NOT NULL,
  dependents   text[] NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id, step_id)
);

CREATE TABLE step_result (
  tenant_id       text             NOT NULL,
  workflow_id     text             NOT NULL,
  step_id         text             NOT NULL,
  attempt         int              NOT NULL,
  status          text             NOT NULL,
  client_id       text             NOT NULL,
  final_result    text,
  source_agent    text,
  execution_time  double precision,
  error           jsonb,
  content_hash    text             NOT NULL,
  workflow_status text             NOT NULL,
  next_action     text             NOT NULL,
  input_tokens    bigint           NOT NULL,
  output_tokens   bigint           NOT NULL,
  cost_usd        double precision NOT NULL,
  created_at      timestamptz      NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id, step_id, attempt)
);

CREATE TABLE step_iteration (
  tenant_id   text  NOT NULL,
  workflow_id text  NOT NULL,
  step_id     text  NOT NULL,
  attempt     int   NOT NULL,
  index       int   NOT NULL,
  body        jsonb NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id, step_id, attempt, index)
);

CREATE TABLE rework_note (
  tenant_id   text NOT NULL,
  workflow_id text NOT NULL,
  step_id     text NOT NULL,
  cycle       int  NOT NULL,
  note        text NOT NULL,
  PRIMARY KEY (tenant_id, workflow_id, step_id, cycle)
);

CREATE TABLE worker (
  tenant_id     text        NOT NULL,
  worker_id     text        NOT NULL,
  capabilities  text[]      NOT NULL,
  max_parallel  int         NOT NULL,
  instance_id   text,
  version       text,
  draining      boolean     NOT NULL DEFAULT false,
  registered_at timestamptz NOT NULL,
  last_seen     timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, worker_id)
);

CREATE TABLE file_lock (
  lock_id     uuid        NOT NULL,
  tenant_id   text        NOT NULL,
  workspace   text        NOT NULL,
  path        text        NOT NULL,
  workflow_id text        NOT NULL,
  step_id     text        NOT NULL,
  attempt     int         NOT NULL,
  access      text        NOT NULL,
  taken_at    timestamptz NOT NULL,
  PRIMARY KEY (tenant_id, workspace, path, workflow_id, step_id)
);
CREATE UNIQUE INDEX file_lock_id ON file_lock (tenant_id, lock_id);
CREATE INDEX file_lock_holder ON file_lock (tenant_id, workflow_id, step_id);
