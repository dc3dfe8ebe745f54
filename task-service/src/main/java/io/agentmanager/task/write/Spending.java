package io.agentmanager.task.write;

import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.diagnostics.ModelSpending;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What the models of a batch's attempts used: counted as soon as an iteration is known, so that an
 * attempt that is cancelled or lost has been paid for, and once, however often it is told. Models
 * go by the names that workers tell, and by none where they tell none.
 */
final class Spending {
  private final Map<TenantId, Usage> byTenant = new HashMap<>();
  private final Map<TenantId, Map<String, Usage>> byModel = new HashMap<>();

  /**
   * Counts what an attempt is known to have used now beyond what was known before. A tenant is
   * charged the growth of the whole: the same use may be told again under another model's name.
   */
  void grew(TenantId tenant, Map<String, Usage> before, Map<String, Usage> now) {
    byTenant.merge(tenant, growth(sum(before), sum(now)), Usage::plus);
    Map<String, Usage> models = byModel.computeIfAbsent(tenant, t -> new HashMap<>());
    now.forEach(
        (model, usage) ->
            models.merge(
                model, growth(before.getOrDefault(model, Usage.NONE), usage), Usage::plus));
  }

  private static Usage growth(Usage before, Usage now) {
    return new Usage(
        Math.max(0, now.inputTokens() - before.inputTokens()),
        Math.max(0, now.outputTokens() - before.outputTokens()),
        Math.max(0, now.costUsd() - before.costUsd()));
  }

  Map<TenantId, Usage> byTenant() {
    return Map.copyOf(byTenant);
  }

  /** Tells the meters, when the batch has committed. */
  void tell(ModelSpending meters) {
    byModel.forEach(
        (tenant, models) ->
            models.forEach(
                (model, usage) -> meters.add(Optional.of(tenant.value()), model, usage)));
  }

  /**
   * What an attempt used by these iterations, by model; of two with one index, the first finished
   * counts.
   */
  static Map<String, Usage> of(List<Iteration> known, List<Iteration> more) {
    Map<Integer, Iteration> all = new HashMap<>();
    known.forEach(i -> all.merge(i.index(), i, Spending::finished));
    more.forEach(i -> all.merge(i.index(), i, Spending::finished));
    return all.values().stream()
        .map(Iteration::usage)
        .filter(Objects::nonNull)
        .collect(Collectors.toMap(Spending::model, Spending::of, Usage::plus));
  }

  /** Of all models together. */
  static Usage sum(Map<String, Usage> byModel) {
    return byModel.values().stream().reduce(Usage.NONE, Usage::plus);
  }

  /** As they are kept: one that was announced is completed, and a finished one stays. */
  private static Iteration finished(Iteration before, Iteration after) {
    return before.observation() == null ? after : before;
  }

  private static String model(Iteration.TokenUsage usage) {
    return Objects.requireNonNullElse(usage.model(), "");
  }

  private static Usage of(Iteration.TokenUsage usage) {
    return new Usage(
        usage.inputTokens(),
        usage.outputTokens(),
        Objects.requireNonNullElse(usage.costUsd(), 0.0));
  }
}
