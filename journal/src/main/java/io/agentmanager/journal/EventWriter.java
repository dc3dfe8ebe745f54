package io.agentmanager.journal;

import io.agentmanager.contracts.event.EventKind;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.ZoneOffset;
import org.apache.kafka.clients.producer.ProducerRecord;

/**
 * Writes a journal row as a CloudEvent 1.0 in binary mode, keyed by workflow id, which {@link
 * EventReader} reads. The event's id is the journal's number, so source and id together name it for
 * ever.
 */
public final class EventWriter {
  private final Topics topics;
  private final URI source;

  /** Writes in the name of a service. */
  public EventWriter(Topics topics, String service) {
    this.topics = topics;
    this.source = URI.create("/agentmanager/" + service);
  }

  /** The row as a record of its topic. */
  public ProducerRecord<String, byte[]> write(JournalStore.OutboxRow row) {
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
    return KafkaMessageFactory.<String>createWriter(topics.of(kind), row.workflowId())
        .writeBinary(event);
  }
}
