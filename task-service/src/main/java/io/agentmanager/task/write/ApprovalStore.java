package io.agentmanager.task.write;

import static io.agentmanager.journal.Columns.longs;
import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.journal.Pipeline;
import io.agentmanager.task.lifecycle.Command;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.springframework.stereotype.Component;

/** The SQL of what attempts ask people, on the write path. */
@Component
class ApprovalStore {
  private static final String ASK =
      """
      INSERT INTO step_approval (tenant_id, workflow_id, step_id, attempt, asked, asked_at)
      SELECT tenant_id, workflow_id, step_id, attempt, asked::jsonb, ?::timestamptz
      FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[])
        AS a (tenant_id, workflow_id, step_id, attempt, asked)
      """;
  private static final String DECIDE =
      """
      UPDATE step_approval AS a
      SET decision = d.decision, comment = d.comment, decided_by = d.decided_by,
          decided_at = ?::timestamptz
      FROM unnest(?::text[], ?::text[], ?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[])
        AS d (tenant_id, workflow_id, step_id, attempt, decision, comment, decided_by)
      WHERE a.tenant_id = d.tenant_id AND a.workflow_id = d.workflow_id
        AND a.step_id = d.step_id AND a.attempt = d.attempt
      """;

  /** What was said of the question of one attempt. */
  record Decided(StepKey step, int attempt, Command.DecideApproval decision) {}

  /** Keeps what results ask; others are passed over. */
  void ask(Pipeline pipeline, List<ResultStore.Accepted> results, Instant now) {
    List<ResultStore.Accepted> asking =
        results.stream().filter(r -> r.result().approval() != null).toList();
    if (asking.isEmpty()) {
      return;
    }
    pipeline.update(
        ASK,
        now.toString(),
        texts(asking, a -> a.key().step().workflow().tenant()),
        texts(asking, a -> a.key().step().workflow().workflow()),
        texts(asking, a -> a.key().step().step()),
        longs(asking, a -> a.key().attempt()),
        texts(asking, a -> Objects.requireNonNull(a.result().approval()).toString()));
  }

  void decide(Pipeline pipeline, List<Decided> decided, Instant now) {
    if (decided.isEmpty()) {
      return;
    }
    pipeline.update(
        DECIDE,
        now.toString(),
        texts(decided, d -> d.step().workflow().tenant()),
        texts(decided, d -> d.step().workflow().workflow()),
        texts(decided, d -> d.step().step()),
        longs(decided, Decided::attempt),
        texts(decided, d -> d.decision().decision().name()),
        texts(decided, d -> d.decision().comment()),
        texts(decided, d -> d.decision().by()));
  }
}
