package io.agentmanager.journal;

import io.agentmanager.contracts.event.EventKind;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.springframework.kafka.core.KafkaOperations;

/**
 * Writes journal rows to Kafka as CloudEvents 1.0 in binary mode, keyed by workflow id. The event's
 * id is the journal's number, so source and id together name it for ever.
 */
public final class EventPublisher {
  private final KafkaOperations<String, byte[]> kafka;
  private final Topics topics;
  private final URI source;

  /** Publishes in the name of a service. */
  public EventPublisher(KafkaOperations<String, byte[]> kafka, Topics topics, String service) {
    this.kafka = kafka;
    this.topics = topics;
    this.source = URI.create("/agentmanager/" + service);
  }

  /**
   * Returns when the broker has acknowledged every row. Where one cannot even be sent, none after
   * it is: it would overtake.
   */
  void publish(List<JournalStore.OutboxRow> rows) throws InterruptedException {
    List<CompletableFuture<?>> sent = new ArrayList<>(rows.size());
    for (JournalStore.OutboxRow row : rows) {
      CompletableFuture<?> next = kafka.send(record(row));
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

  private ProducerRecord<String, byte[]> record(JournalStore.OutboxRow row) {
    EventKind kind = row.kind();
    CloudEvent event =
        CloudEventBuilder.v1()
            .withId(Long.toString(row.seq()))
            .withSource(source)
            .withType(kind.typeName())
            .withSubject(row.workflowId())
            .withTime(row.at().atOffset(ZoneOffset.UTC))
            .withExtension("tenantid", row.tenantId())
            .withDataContentType("application/json")
            .withData(row.data().getBytes(StandardCharsets.UTF_8))
            .build();
    ProducerRecord<String, byte[]> message =
        KafkaMessageFactory.<String>createWriter(topics.of(kind), row.workflowId())
            .writeBinary(event);
    return message;
  }
}
