package io.agentmanager.diagnostics;

import io.agentmanager.contracts.api.Usage;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Counts what models consumed and cost, by tenant and model. A service counts the calls that it is
 * the first to know of, so that the sum over all services is the whole.
 */
public final class ModelSpending {
  private static final int MOST_TENANTS = 50;
  private static final int MOST_MODELS = 20;

  private final MeterRegistry registry;
  private final Names tenants = new Names(MOST_TENANTS);

  /** Each tenant has its own, so that none can use up the names of others. */
  private final Map<String, Names> models = new ConcurrentHashMap<>();

  /** Counts into a registry. */
  public ModelSpending(MeterRegistry registry) {
    this.registry = registry;
  }

  /**
   * Adds what was used.
   *
   * @param tenant empty where nobody said whose it is
   * @param model its name; blank where nobody said it
   */
  public void add(Optional<String> tenant, String model, Usage usage) {
    String whose = tenants.of(tenant.orElse(""));
    String which = models.computeIfAbsent(whose, t -> new Names(MOST_MODELS)).of(model);
    Tags tags = Tags.of("tenant", whose, "gen_ai.request.model", which);
    tokens(tags.and("gen_ai.token.type", "input")).increment(usage.inputTokens());
    tokens(tags.and("gen_ai.token.type", "output")).increment(usage.outputTokens());
    Counter.builder("agentmanager.model.cost")
        .description("What calls of models cost, by the price table")
        .baseUnit("usd")
        .tags(tags)
        .register(registry)
        .increment(usage.costUsd());
  }

  private Counter tokens(Tags tags) {
    return Counter.builder("agentmanager.model.tokens")
        .description("Tokens that models took and gave")
        .tags(tags)
        .register(registry);
  }

  /** Names that others choose: the first ones come as they are, those beyond them as one. */
  private static final class Names {
    private static final String OTHERS = "(others)";
    private static final String UNKNOWN = "(unknown)";
    private final Set<String> known = ConcurrentHashMap.newKeySet();
    private final int most;

    private Names(int most) {
      this.most = most;
    }

    private String of(String name) {
      if (name.isBlank()) {
        return UNKNOWN;
      }
      if (!known.contains(name) && known.size() < most) {
        known.add(name);
      }
      return known.contains(name) ? name : OTHERS;
    }
  }
}
