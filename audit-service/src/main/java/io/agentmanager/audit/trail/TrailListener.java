package io.agentmanager.audit.trail;

import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.contracts.trail.TrailEvent;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.kafka.listener.BatchListenerFailedException;
import org.springframework.stereotype.Component;

/** Hears from the gateways what is to be chained; in one order, whoever hears it. */
@Component
class TrailListener {
  private final AppendEntries append;

  TrailListener(AppendEntries append) {
    this.append = append;
  }

  @KafkaListener(
      id = "trail",
      batch = "true",
      groupId = "audit-service",
      topics = "${agentmanager.topics.prefix:agentmanager.}" + TrailEvent.TOPIC)
  void chain(List<ConsumerRecord<String, byte[]>> records) {
    List<TrailEvent> events = new ArrayList<>();
    for (ConsumerRecord<String, byte[]> record : records) {
      events.add(read(record));
    }
    try {
      append.append(events);
    } catch (RuntimeException e) {
      throw new BatchListenerFailedException(String.valueOf(e.getMessage()), e, records.getFirst());
    }
  }

  private static TrailEvent read(ConsumerRecord<String, byte[]> record) {
    try {
      CloudEvent event = KafkaMessageFactory.createReader(record).toEvent();
      if (!TrailEvent.TYPE_NAME.equals(event.getType()) || event.getData() == null) {
        throw new IllegalArgumentException("not an entry of the trail: " + event.getType());
      }
      TrailEvent read = WireJson.mapper().readValue(event.getData().toBytes(), TrailEvent.class);
      java.util.Objects.requireNonNull(read.entryId(), "entry_id");
      java.util.Objects.requireNonNull(read.tenantId(), "tenant_id");
      return read;
    } catch (RuntimeException e) {
      throw new BatchListenerFailedException("not an entry: " + e.getMessage(), e, record);
    }
  }
}
