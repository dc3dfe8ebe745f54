package io.agentmanager.planner.synthesis;

import io.agentmanager.contracts.event.EventKind;
import io.agentmanager.contracts.event.WorkflowEvent.WorkflowSynthesized;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.SynthesisDocument;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.database.TenantReads;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.journal.JournalRelay;
import io.agentmanager.journal.JournalStore;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.support.TransactionTemplate;

/** Keeps answers, one a workflow and audit cycle, and says that they are there. */
@Component
class Syntheses {
  private static final String INSERT =
      """
      INSERT INTO synthesis (tenant_id, workflow_id, cycle, document, created_at)
      VALUES (?, ?, ?, ?::jsonb, ?::timestamptz)
      ON CONFLICT DO NOTHING
      """;
  private static final String FIND =
      """
      SELECT document::text FROM synthesis
      WHERE tenant_id = ? AND workflow_id = ? AND cycle = ?
      """;
  private final JdbcTemplate jdbc;
  private final TenantReads reads;
  private final JournalStore journal;
  private final JournalRelay relay;
  private final TransactionTemplate transaction;
  private final InstantSource clock;

  Syntheses(
      JdbcTemplate jdbc,
      TenantReads reads,
      JournalStore journal,
      JournalRelay relay,
      TransactionTemplate transaction,
      InstantSource clock) {
    this.jdbc = jdbc;
    this.reads = reads;
    this.journal = journal;
    this.relay = relay;
    this.transaction = transaction;
    this.clock = clock;
  }

  Optional<SynthesisDocument> find(WorkflowKey key, int cycle) {
    return reads.first(
        key.tenant(),
        FIND,
        (row, n) -> WireJson.mapper().readValue(row.getString(1), SynthesisDocument.class),
        key.tenant().value(),
        key.workflow().value(),
        cycle);
  }

  /** Keeps the first answer of a cycle; another one changes nothing. */
  void keep(WorkflowKey key, SynthesisDocument document) {
    Instant now = clock.instant();
    transaction.executeWithoutResult(
        status -> {
          int inserted =
              jdbc.update(
                  INSERT,
                  key.tenant().value(),
                  key.workflow().value(),
                  document.cycle(),
                  WireJson.mapper().writeValueAsString(document),
                  now.toString());
          if (inserted > 0) {
            journal.append(List.of(entry(key, document)), now);
          }
        });
    relay.wake();
  }

  /** Publishes once more that the answer of a cycle is there. */
  void publishAgain(WorkflowKey key, int cycle) {
    transaction.executeWithoutResult(
        status -> journal.repeat(key, Set.of(EventKind.SYNTHESIZED), cycle, clock.instant()));
    relay.wake();
  }

  private static JournalEntry entry(WorkflowKey key, SynthesisDocument document) {
    return JournalEntry.published(
        "workflow.synthesized",
        new WorkflowSynthesized(
            key.tenant(), key.workflow(), document.cycle(), document.failure() == null));
  }
}
