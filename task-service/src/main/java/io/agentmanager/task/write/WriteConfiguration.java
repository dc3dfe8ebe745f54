package io.agentmanager.task.write;

import io.agentmanager.diagnostics.ModelSpending;
import io.agentmanager.journal.CommitListener;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.journal.JournalRelay;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Wires the lanes, and the relay that carries on what they commit. */
@Configuration(proxyBeanMethods = false)
class WriteConfiguration {
  @Bean
  WriteLanes writeLanes(WriteBatch batch, WriteSettings settings) {
    return new WriteLanes(batch, settings);
  }

  @Bean
  ModelSpending modelSpending(MeterRegistry registry) {
    return new ModelSpending(registry);
  }

  @Bean
  CommitListener wakeRelay(JournalRelay relay) {
    return entries -> wake(relay, entries);
  }

  private static void wake(JournalRelay relay, List<JournalEntry> entries) {
    if (entries.stream().anyMatch(entry -> entry.event() != null)) {
      relay.wake();
    }
  }
}
