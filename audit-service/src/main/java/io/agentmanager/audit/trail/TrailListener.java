package io.agentmanager.audit.trail;

import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.contracts.trail.TrailEvent;
import io.agentmanager.journal.FailedRecords;
import io.agentmanager.journal.Outages;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.annotation.KafkaListener;
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
    FailedRecords failed = new FailedRecords();
    Map<ConsumerRecord<String, byte[]>, TrailEvent> events = new LinkedHashMap<>();
    for (ConsumerRecord<String, byte[]> record : records) {
      try {
        events.put(record, read(record));
      } catch (RuntimeException e) {
        failed.add(record, e);
      }
    }
    append(events, failed);
    failed.refuseFirst(records);
  }

  /** All with one commit; if that fails for another reason than an outage, each for itself. */
  private void append(
      Map<ConsumerRecord<String, byte[]>, TrailEvent> events, FailedRecords failed) {
    try {
      append.append(List.copyOf(events.values()));
    } catch (RuntimeException e) {
      boolean alone = events.size() == 1 || Outages.isOutage(e);
      events.forEach(
          (record, event) -> {
            if (alone) {
              failed.add(record, e);
            } else {
              append(Map.of(record, event), failed);
            }
          });
    }
  }

  private static TrailEvent read(ConsumerRecord<String, byte[]> record) {
    CloudEvent event = KafkaMessageFactory.createReader(record).toEvent();
    if (!TrailEvent.TYPE_NAME.equals(event.getType()) || event.getData() == null) {
      throw new IllegalArgumentException("not an entry of the trail: " + event.getType());
    }
    TrailEvent read = WireJson.mapper().readValue(event.getData().toBytes(), TrailEvent.class);
    boolean whole =
        Stream.of(
                read.entryId(),
                read.at(),
                read.tenantId(),
                read.roles(),
                read.action(),
                read.origin(),
                read.requestId())
            .allMatch(Objects::nonNull);
    if (!whole) {
      throw new IllegalArgumentException("an entry of the trail that is not whole");
    }
    return read;
  }
}
