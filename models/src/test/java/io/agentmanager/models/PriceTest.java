package io.agentmanager.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.api.Usage;
import java.util.Map;
import org.junit.jupiter.api.Test;

class PriceTest {
  @Test
  void costIsCountedByThePriceTable() {
    Map<String, Price> own = Price.parseTable("mine=1.00/2.00");
    assertThat(own.get("mine").of(1_000_000, 500_000))
        .isEqualTo(new Usage(1_000_000, 500_000, 2.0));
    assertThat(Price.shipped()).containsKey("gpt-4o-mini");
    assertThatThrownBy(() -> Price.parseTable("mine")).hasMessageContaining("model=input/output");
  }
}
