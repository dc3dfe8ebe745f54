package io.agentmanager.journal;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.springframework.kafka.core.KafkaOperations;

/** Sends journal rows to Kafka, in their order. */
public final class EventPublisher {
  private final KafkaOperations<String, byte[]> kafka;
  private final EventWriter writer;

  /** Publishes in the name of a service. */
  public EventPublisher(KafkaOperations<String, byte[]> kafka, Topics topics, String service) {
    this.kafka = kafka;
    this.writer = new EventWriter(topics, service);
  }

  /**
   * Returns when the broker has acknowledged every row. Where one cannot even be sent, none after
   * it is: it would overtake.
   */
  void publish(List<JournalStore.OutboxRow> rows) throws InterruptedException {
    List<CompletableFuture<?>> sent = new ArrayList<>(rows.size());
    for (JournalStore.OutboxRow row : rows) {
      CompletableFuture<?> next = kafka.send(writer.write(row));
      sent.add(next);
      if (next.isCompletedExceptionally()) {
        break;
      }
    }
    try {
      CompletableFuture.allOf(sent.toArray(CompletableFuture[]::new)).get();
    } catch (ExecutionException e) {
      throw new CompletionException("the broker did not take the journal's events", e.getCause());
    }
  }
}
