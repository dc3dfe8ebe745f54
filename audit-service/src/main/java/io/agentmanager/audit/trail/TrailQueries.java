package io.agentmanager.audit.trail;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.database.TenantReads;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The SQL of what is shown of the trail. */
@Component
class TrailQueries {
  private static final String PAGE =
      TrailStore.COLUMNS
          + """
          WHERE tenant_id = ? AND seq > ?
            AND (?::text IS NULL OR actor = ?)
            AND (?::text IS NULL OR action = ?)
            AND (?::text IS NULL OR object = ?)
          ORDER BY seq
          LIMIT ?
          """;
  private static final String HEAD = "SELECT seq, hash FROM trail_head WHERE tenant_id = ?";
  private final TenantReads reads;

  TrailQueries(TenantReads reads) {
    this.reads = reads;
  }

  /** Which entries. */
  record Filter(
      long after,
      @Nullable String actor,
      @Nullable String action,
      @Nullable String object,
      int limit) {}

  List<ChainedEntry> page(TenantId tenant, Filter filter) {
    return reads.query(
        tenant,
        PAGE,
        (row, n) -> TrailStore.entry(row),
        tenant.value(),
        filter.after(),
        filter.actor(),
        filter.actor(),
        filter.action(),
        filter.action(),
        filter.object(),
        filter.object(),
        filter.limit());
  }

  Optional<Checkpoints.Statement> head(TenantId tenant) {
    return reads.first(
        tenant,
        HEAD,
        (row, n) -> new Checkpoints.Statement(tenant, row.getLong("seq"), row.getBytes("hash")),
        tenant.value());
  }
}
