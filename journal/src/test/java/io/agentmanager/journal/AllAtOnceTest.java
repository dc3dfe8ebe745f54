package io.agentmanager.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.tracing.Traces;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.springframework.kafka.listener.BatchListenerFailedException;

class AllAtOnceTest {
  private final List<List<String>> calls = new ArrayList<>();

  @Test
  void whatOneRecordSpoilsIsHandledOneByOne() {
    AllAtOnce together =
        new AllAtOnce(
            events -> {
              List<String> workflows = note(events);
              if (workflows.contains("bad")) {
                throw new IllegalStateException("on purpose");
              }
              return Map.of();
            },
            Traces.none());
    List<ConsumerRecord<String, byte[]>> records =
        List.of(record("a", "default"), record("bad", "default"), record("b", "default"));
    assertThatThrownBy(() -> together.handle(records))
        .isInstanceOfSatisfying(
            BatchListenerFailedException.class,
            e -> assertThat(e.getRecord()).isSameAs(records.get(1)));
    assertThat(calls)
        .containsExactly(List.of("a", "bad", "b"), List.of("a"), List.of("bad"), List.of("b"));
  }

  @Test
  void anOutageFailsAllOfThemAndIsAnotherFailureThanABadRecord() {
    AllAtOnce away =
        new AllAtOnce(
            events -> {
              note(events);
              throw new UncheckedIOException(new IOException("away"));
            },
            Traces.none());
    List<ConsumerRecord<String, byte[]>> records =
        List.of(record("a", "default"), record("b", "default"));
    Class<?> outage = failure(away, records);
    assertThat(calls).hasSize(1);
    AllAtOnce bad =
        new AllAtOnce(
            events -> {
              throw new IllegalStateException("on purpose");
            },
            Traces.none());
    assertThat(failure(bad, records)).isNotEqualTo(outage);
  }

  @Test
  void aRecordThatNamesNoTenantIsNoEvent() {
    AllAtOnce together =
        new AllAtOnce(
            events -> {
              note(events);
              return Map.of();
            },
            Traces.none());
    assertThatThrownBy(() -> together.handle(List.of(record("a", null), record("b", "default"))))
        .hasCauseInstanceOf(EventReader.UnreadableEvent.class);
    assertThat(calls).containsExactly(List.of("b"));
  }

  private static Class<?> failure(AllAtOnce handler, List<ConsumerRecord<String, byte[]>> records) {
    try {
      handler.handle(records);
      throw new AssertionError("nothing failed");
    } catch (BatchListenerFailedException e) {
      assertThat(e.getRecord()).isSameAs(records.getFirst());
      return e.getClass();
    }
  }

  private List<String> note(List<WorkflowEvent> events) {
    List<String> workflows = events.stream().map(e -> e.workflowId().value()).toList();
    calls.add(workflows);
    return workflows;
  }

  private static ConsumerRecord<String, byte[]> record(String workflow, String tenant) {
    String json =
        "{%s\"workflow_id\": \"%s\"}"
            .formatted(tenant == null ? "" : "\"tenant_id\": \"" + tenant + "\", ", workflow);
    ConsumerRecord<String, byte[]> record =
        new ConsumerRecord<>(
            "agentmanager.submitted", 0, 0, workflow, json.getBytes(StandardCharsets.UTF_8));
    Map.of(
            "ce_specversion", "1.0",
            "ce_id", "1",
            "ce_source", "/agentmanager/planner-service",
            "ce_type", "io.agentmanager.workflow.submitted.v1",
            "content-type", "application/json")
        .forEach((k, v) -> record.headers().add(k, v.getBytes(StandardCharsets.UTF_8)));
    return record;
  }
}
