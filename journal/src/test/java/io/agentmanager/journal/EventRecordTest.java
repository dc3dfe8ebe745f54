package io.agentmanager.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.event.EventKind;
import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.junit.jupiter.api.Test;

/**
 * Version 1 of a whole record: topic, key, headers and body. These texts never change: readers of
 * the release before rely on them.
 */
class EventRecordTest {
  private static final String TOPIC = "agentmanager.submitted";
  private static final String BODY = "{\"tenant_id\":\"default\",\"workflow_id\":\"w-1\"}";
  private static final Map<String, String> HEADERS =
      Map.of(
          "ce_specversion", "1.0",
          "ce_id", "42",
          "ce_source", "/agentmanager/planner-service",
          "ce_type", "io.agentmanager.workflow.submitted.v1",
          "ce_subject", "w-1",
          "ce_time", "2026-03-01T12:00:00Z",
          "ce_tenantid", "default",
          "content-type", "application/json");

  private static ConsumerRecord<String, byte[]> received(Map<String, String> headers) {
    ConsumerRecord<String, byte[]> record =
        new ConsumerRecord<>(TOPIC, 0, 0, "w-1", BODY.getBytes(StandardCharsets.UTF_8));
    headers.forEach(
        (name, value) -> record.headers().add(name, value.getBytes(StandardCharsets.UTF_8)));
    return record;
  }

  @Test
  void aRecordIsWrittenAsItAlwaysWas() {
    Topics topics = new Topics("agentmanager.", 1, (short) 1, Duration.ZERO, Duration.ZERO, false);
    ProducerRecord<String, byte[]> record =
        new EventWriter(topics, "planner-service")
            .write(
                new JournalStore.OutboxRow(
                    42,
                    "default",
                    "w-1",
                    Instant.parse("2026-03-01T12:00:00Z"),
                    EventKind.SUBMITTED,
                    BODY,
                    null));
    assertThat(record.topic()).isEqualTo(TOPIC);
    assertThat(record.key()).isEqualTo("w-1");
    assertThat(record.value()).asString(StandardCharsets.UTF_8).isEqualTo(BODY);
    Map<String, String> headers = new TreeMap<>();
    for (Header header : record.headers()) {
      headers.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
    }
    assertThat(headers).containsExactlyInAnyOrderEntriesOf(HEADERS);
  }

  @Test
  void aRecordOfVersionOneIsReadWithHeadersThatANewerWriterAdded() {
    Map<String, String> newer = new TreeMap<>(HEADERS);
    newer.put("ce_colour", "blue");
    newer.put("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    assertThat(EventReader.read(received(newer)))
        .isEqualTo(
            new WorkflowEvent.WorkflowSubmitted(new TenantId("default"), new WorkflowId("w-1")));
  }

  @Test
  void aRecordOfAKindThatIsNotKnownIsNoEvent() {
    Map<String, String> other = new TreeMap<>(HEADERS);
    other.put("ce_type", "io.agentmanager.workflow.submitted.v2");
    assertThatThrownBy(() -> EventReader.read(received(other)))
        .isInstanceOf(EventReader.UnreadableEvent.class)
        .hasMessageContaining("unknown type");
  }
}
