package io.agentmanager.benchmarks;

/** Ways to write a claim and a completion, each a transaction of one statement. */
enum Pairs {
  /** A plain queue: the step and its result, in tables that hold no more than that needs. */
  OF_A_QUEUE(
      "",
      "floor_step",
      """
      CREATE TABLE floor_step (
        tenant_id text NOT NULL, workflow_id text NOT NULL, step_id text NOT NULL,
        status text NOT NULL, attempt int NOT NULL, capability text NOT NULL,
        priority smallint NOT NULL, position bigint NOT NULL, worker_id text, claim_id text,
        claimed_at timestamptz, lease_until timestamptz, completed_at timestamptz,
        PRIMARY KEY (tenant_id, workflow_id, step_id)) WITH (fillfactor = 80);
      CREATE INDEX floor_ready ON floor_step (tenant_id, capability, priority DESC, position)
      WHERE status = 'READY';
      CREATE TABLE floor_result (
        tenant_id text NOT NULL, workflow_id text NOT NULL, step_id text NOT NULL,
        attempt int NOT NULL, status text NOT NULL, client_id text NOT NULL,
        final_result text, content_hash text NOT NULL, created_at timestamptz NOT NULL,
        PRIMARY KEY (tenant_id, workflow_id, step_id, attempt));
      INSERT INTO floor_step (tenant_id, workflow_id, step_id, status, attempt, capability,
        priority, position)
      SELECT 'default', gen_random_uuid()::text, 'middle-' || mod(n, 8), 'READY', 0, 'floor', 0, n
      FROM generate_series(1, %1$d) AS n;
      """,
      """
      UPDATE floor_step AS s
      SET status = 'IN_PROGRESS', attempt = attempt + 1, worker_id = ?, claim_id = ?,
          claimed_at = now(), lease_until = now() + interval '15 seconds'
      FROM (SELECT tenant_id, workflow_id, step_id FROM floor_step
            WHERE tenant_id = 'default' AND capability = 'floor' AND status = 'READY'
            ORDER BY priority DESC, position LIMIT 1 FOR UPDATE SKIP LOCKED) AS k
      WHERE s.tenant_id = k.tenant_id AND s.workflow_id = k.workflow_id AND s.step_id = k.step_id
      RETURNING s.workflow_id, s.step_id
      """,
      """
      WITH done AS (SELECT 'default' AS tenant_id, ? AS workflow_id, ? AS step_id),
      result AS (
        INSERT INTO floor_result (tenant_id, workflow_id, step_id, attempt, status, client_id,
          final_result, content_hash, created_at)
        SELECT tenant_id, workflow_id, step_id, 1, 'COMPLETED', 'floor', 'done',
          '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', now()
        FROM done)
      UPDATE floor_step AS s SET status = 'COMPLETED', lease_until = NULL, completed_at = now()
      FROM done AS k
      WHERE s.tenant_id = k.tenant_id AND s.workflow_id = k.workflow_id AND s.step_id = k.step_id
      """),

  /**
   * What the engine writes for a step that nothing depends on, in tables like its own: the step,
   * its result, the workflow's count of open steps, and a line of history each. Steps that follow
   * each other belong to different workflows, so no client waits for another's row.
   */
  WITH_HISTORY(
      " with their history",
      "floor_step, floor_workflow",
      """
      CREATE TABLE floor_step (LIKE step INCLUDING ALL) WITH (fillfactor = 80);
      CREATE TABLE floor_result (LIKE step_result INCLUDING ALL);
      CREATE TABLE floor_journal (LIKE journal INCLUDING ALL);
      CREATE TABLE floor_workflow (LIKE workflow INCLUDING ALL) WITH (fillfactor = 80);
      CREATE TEMPORARY TABLE floor_id AS
      SELECT n, gen_random_uuid()::text AS id FROM generate_series(1, %1$d / 10) AS n;
      INSERT INTO floor_workflow (tenant_id, workflow_id, status, cycle, open_steps, broken_sinks,
        on_failure, audit_mode, max_rework_cycles, created_at)
      SELECT 'default', id, 'RUNNING', 0, 10, 0, 'FAIL_WORKFLOW', 'NONE', 0, now() FROM floor_id;
      INSERT INTO floor_step (tenant_id, workflow_id, step_id, status, attempt, failures,
        open_dependencies, max_attempts, capability, priority, sink, uses_files, run_seconds)
      SELECT 'default', id, 'middle-' || step, 'READY', 0, 0, 0, 3, 'floor', 0, true, false, 600
      FROM generate_series(1, 10) AS step CROSS JOIN floor_id ORDER BY step, n;
      DROP TABLE floor_id;
      """,
      """
      WITH k AS (
        SELECT tenant_id, workflow_id, step_id FROM floor_step
        WHERE tenant_id = 'default' AND capability = 'floor' AND status = 'READY'
          AND blocked IS NULL
        ORDER BY (-priority), position LIMIT 1 FOR UPDATE SKIP LOCKED),
      claimed AS (
        UPDATE floor_step AS s
        SET status = 'IN_PROGRESS', attempt = attempt + 1, worker_id = ?, claim_id = ?,
            heard = false, claimed_at = now(), started_at = coalesce(started_at, now()),
            lease_until = now() + interval '15 seconds',
            run_until = now() + make_interval(secs => run_seconds)
        FROM k
        WHERE s.tenant_id = k.tenant_id AND s.workflow_id = k.workflow_id AND s.step_id = k.step_id
        RETURNING s.tenant_id, s.workflow_id, s.step_id, s.attempt, s.worker_id),
      noted AS (
        INSERT INTO floor_journal (tenant_id, workflow_id, type, step_id, attempt, at, data)
        SELECT tenant_id, workflow_id, 'step.claimed', step_id, attempt, now(),
               jsonb_build_object('client_id', worker_id)
        FROM claimed)
      SELECT workflow_id, step_id FROM claimed
      """,
      """
      WITH done AS (SELECT 'default' AS tenant_id, ? AS workflow_id, ? AS step_id),
      step AS (
        UPDATE floor_step AS s SET status = 'COMPLETED', lease_until = NULL, completed_at = now()
        FROM done AS k
        WHERE s.tenant_id = k.tenant_id AND s.workflow_id = k.workflow_id
          AND s.step_id = k.step_id),
      workflow AS (
        UPDATE floor_workflow AS w SET open_steps = open_steps - 1
        FROM done AS k
        WHERE w.tenant_id = k.tenant_id AND w.workflow_id = k.workflow_id),
      result AS (
        INSERT INTO floor_result (tenant_id, workflow_id, step_id, attempt, status, client_id,
          final_result, source_agent, execution_time, content_hash, workflow_status, next_action,
          input_tokens, output_tokens, cost_usd, created_at)
        SELECT tenant_id, workflow_id, step_id, 1, 'COMPLETED', 'floor', 'done', 'floor', 0.001,
          '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08', 'RUNNING',
          'CONTINUE', 0, 0, 0, now()
        FROM done)
      INSERT INTO floor_journal (tenant_id, workflow_id, type, step_id, attempt, at, event, data)
      SELECT tenant_id, workflow_id, 'step.completed', step_id, 1, now(), 'COMPLETED',
             jsonb_build_object('tenant_id', tenant_id, 'workflow_id', workflow_id, 'step_id',
               step_id, 'attempt', 1, 'status', 'COMPLETED')
      FROM done
      """);

  /** Everything that a kind may have made. */
  static final String TABLES = "floor_step, floor_result, floor_journal, floor_workflow";

  private final String suffix;
  private final String changing;
  private final String setUp;
  private final String claim;
  private final String complete;

  Pairs(String suffix, String changing, String setUp, String claim, String complete) {
    this.suffix = suffix;
    this.changing = changing;
    this.setUp = setUp;
    this.claim = claim;
    this.complete = complete;
  }

  /** What the figures of this kind say behind "pairs". */
  String suffix() {
    return suffix;
  }

  /** The tables whose rows change, to be vacuumed and analyzed before. */
  String changing() {
    return changing;
  }

  /** Statements that make the tables and that many steps, each ready. */
  String setUp(int rows) {
    return setUp.formatted(rows);
  }

  /** Takes a worker and a claim id, returns a workflow and a step. */
  String claim() {
    return claim;
  }

  /** Takes a workflow and a step. */
  String complete() {
    return complete;
  }
}
