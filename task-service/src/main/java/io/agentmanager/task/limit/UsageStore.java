package io.agentmanager.task.limit;

import static io.agentmanager.journal.Columns.doubles;
import static io.agentmanager.journal.Columns.longs;
import static io.agentmanager.journal.Columns.texts;

import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.journal.Pipeline;
import java.time.LocalDate;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;

/** The SQL of what tenants use. */
@Component
public class UsageStore {
  private static final int SHARDS = 8;
  private static final String ADD =
      """
      INSERT INTO tenant_usage AS t (tenant_id, day, shard, tokens, cost_usd)
      SELECT tenant_id, ?::date, ?, tokens, cost_usd
      FROM unnest(?::text[], ?::bigint[], ?::float8[]) AS u (tenant_id, tokens, cost_usd)
      ON CONFLICT (tenant_id, day, shard) DO UPDATE
      SET tokens = t.tokens + excluded.tokens, cost_usd = t.cost_usd + excluded.cost_usd
      """;
  private static final String OF_DAY =
      """
      SELECT coalesce(sum(tokens), 0)::bigint AS tokens, coalesce(sum(cost_usd), 0) AS cost_usd
      FROM tenant_usage WHERE tenant_id = ? AND day = ?::date
      """;

  /** Claims of one tenant count one after the other, whichever replica they reach. */
  private static final String LOCK =
      "SELECT pg_advisory_xact_lock(hashtextextended('agentmanager.claims.' || ?, 0))";

  private static final String TRY_LOCK =
      "SELECT pg_try_advisory_xact_lock(hashtextextended('agentmanager.claims.' || ?, 0))";

  private static final String RUNNING =
      """
      SELECT count(*) FROM (
        SELECT 1 FROM step WHERE tenant_id = ? AND status = 'IN_PROGRESS' LIMIT ?) AS running
      """;
  private final JdbcTemplate jdbc;

  UsageStore(JdbcTemplate jdbc) {
    this.jdbc = jdbc;
  }

  /** What models did for a tenant on a day. */
  record OfDay(long tokens, double costUsd) {}

  /** Adds what was used, when the pipeline is flushed. */
  public void add(Pipeline pipeline, Map<TenantId, Usage> used, LocalDate day) {
    List<Map.Entry<TenantId, Usage>> sums =
        used.entrySet().stream()
            .filter(entry -> !entry.getValue().equals(Usage.NONE))
            .sorted(Comparator.comparing(entry -> entry.getKey().value()))
            .toList();
    if (!sums.isEmpty()) {
      pipeline.update(
          ADD,
          day.toString(),
          shard(),
          texts(sums, Map.Entry::getKey),
          longs(sums, s -> s.getValue().inputTokens() + s.getValue().outputTokens()),
          doubles(sums, s -> s.getValue().costUsd()));
    }
  }

  /** One of the rows of a day, so that batches seldom meet at the same. */
  public static int shard() {
    return ThreadLocalRandom.current().nextInt(SHARDS);
  }

  OfDay of(TenantId tenant, LocalDate day) {
    return jdbc.query(
            OF_DAY,
            (row, n) -> new OfDay(row.getLong("tokens"), row.getDouble("cost_usd")),
            tenant.value(),
            day.toString())
        .getFirst();
  }

  /** Until the transaction ends, only one claims for each of these tenants. */
  void lockClaims(Collection<TenantId> tenants) {
    tenants.stream()
        .map(TenantId::value)
        .sorted()
        .forEach(tenant -> jdbc.queryForList(LOCK, tenant));
  }

  /** As {@link #lockClaims}, but false where somebody else claims for the tenant now. */
  boolean tryLockClaims(TenantId tenant) {
    return Boolean.TRUE.equals(jdbc.queryForObject(TRY_LOCK, Boolean.class, tenant.value()));
  }

  /** How many steps of a tenant run, as far as that number. */
  int running(TenantId tenant, int atMost) {
    Integer running = jdbc.queryForObject(RUNNING, Integer.class, tenant.value(), atMost);
    return running == null ? 0 : running;
  }
}
