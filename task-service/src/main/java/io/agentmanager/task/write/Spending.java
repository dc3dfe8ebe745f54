package io.agentmanager.task.write;

import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.id.TenantId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What the models of a batch's attempts used: counted as soon as an iteration is known, so that an
 * attempt that is cancelled or lost has been paid for, and once, however often it is told.
 */
final class Spending {
  private final Map<TenantId, Usage> byTenant = new HashMap<>();

  /** Counts what an attempt is known to have used now beyond what was known before. */
  void grew(TenantId tenant, Usage before, Usage now) {
    byTenant.merge(
        tenant,
        new Usage(
            Math.max(0, now.inputTokens() - before.inputTokens()),
            Math.max(0, now.outputTokens() - before.outputTokens()),
            Math.max(0, now.costUsd() - before.costUsd())),
        Usage::plus);
  }

  Map<TenantId, Usage> byTenant() {
    return Map.copyOf(byTenant);
  }

  /** What an attempt used by these iterations; of two with one index, the first finished counts. */
  static Usage of(List<Iteration> known, List<Iteration> more) {
    Map<Integer, Iteration> all = new HashMap<>();
    known.forEach(i -> all.merge(i.index(), i, Spending::finished));
    more.forEach(i -> all.merge(i.index(), i, Spending::finished));
    return all.values().stream().map(Spending::of).reduce(Usage.NONE, Usage::plus);
  }

  /** As they are kept: one that was announced is completed, and a finished one stays. */
  private static Iteration finished(Iteration before, Iteration after) {
    return before.observation() == null ? after : before;
  }

  private static Usage of(Iteration iteration) {
    Iteration.TokenUsage usage = iteration.usage();
    return usage == null
        ? Usage.NONE
        : new Usage(
            usage.inputTokens(),
            usage.outputTokens(),
            usage.costUsd() == null ? 0 : usage.costUsd());
  }
}
