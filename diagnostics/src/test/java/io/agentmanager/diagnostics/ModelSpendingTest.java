package io.agentmanager.diagnostics;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.Usage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ModelSpendingTest {
  private static final Usage USED = new Usage(100, 10, 0.25);
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final ModelSpending spending = new ModelSpending(registry);

  private double tokens(String tenant, String model, String type) {
    return registry
        .get("agentmanager.model.tokens")
        .tags("tenant", tenant, "gen_ai.request.model", model, "gen_ai.token.type", type)
        .counter()
        .count();
  }

  @Test
  void tokensAndCostAreToldByTenantAndModel() {
    spending.add(Optional.of("acme"), "large", USED);
    spending.add(Optional.of("acme"), "large", USED);
    spending.add(Optional.of("other"), "large", USED);
    assertThat(tokens("acme", "large", "input")).isEqualTo(200);
    assertThat(tokens("acme", "large", "output")).isEqualTo(20);
    assertThat(registry.get("agentmanager.model.cost").tag("tenant", "acme").counter().count())
        .isEqualTo(0.5);
  }

  @Test
  void namesAreFewHoweverManyOthersChoose() {
    IntStream.range(0, 1_000).forEach(i -> spending.add(Optional.of("t" + i), "m" + i, USED));
    spending.add(Optional.of("t0"), "", USED);
    assertThat(tokens("t0", "m0", "input")).isEqualTo(100);
    assertThat(tokens("t0", "(unknown)", "input")).isEqualTo(100);
    assertThat(tokens("(others)", "(others)", "input")).isEqualTo(93_000);
  }

  @Test
  void aTenantThatNamesManyModelsUsesUpNoNamesOfOthers() {
    IntStream.range(0, 1_000).forEach(i -> spending.add(Optional.of("loud"), "m" + i, USED));
    spending.add(Optional.of("quiet"), "large", USED);
    assertThat(tokens("quiet", "large", "input")).isEqualTo(100);
    assertThat(tokens("loud", "(others)", "input")).isEqualTo(98_000);
  }
}
