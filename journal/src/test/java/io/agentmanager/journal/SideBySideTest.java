package io.agentmanager.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.tracing.Traces;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.springframework.kafka.listener.BatchListenerFailedException;

class SideBySideTest {
  private final List<String> handled = Collections.synchronizedList(new ArrayList<>());

  @Test
  void theNewsOfOneWorkflowKeepsItsOrder() {
    List<ConsumerRecord<String, byte[]>> records = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      records.add(record(i, i % 2 == 0 ? "a" : "b", i));
    }
    new SideBySide(this::note, Traces.none()).handle(records);
    for (String workflow : List.of("a", "b")) {
      assertThat(handled.stream().filter(h -> h.startsWith(workflow)))
          .hasSize(100)
          .isSortedAccordingTo(java.util.Comparator.comparingInt(SideBySideTest::number));
    }
  }

  @Test
  void workflowsDoNotWaitForEachOther() {
    CountDownLatch both = new CountDownLatch(2);
    new SideBySide(event -> meet(both), Traces.none())
        .handle(List.of(record(0, "a", 0), record(1, "b", 0)));
    assertThat(both.getCount()).isZero();
  }

  @Test
  void theFirstRecordThatFailsIsNamedAndTheRestOfItsWorkflowWaits() {
    SideBySide sideBySide =
        new SideBySide(
            event -> {
              if (event.key().workflow().value().equals("bad")) {
                throw new IllegalStateException("on purpose");
              }
              note(event);
            },
            Traces.none());
    List<ConsumerRecord<String, byte[]>> records =
        List.of(
            record(0, "good", 1), record(1, "bad", 1), record(2, "good", 2), record(3, "bad", 2));
    assertThatThrownBy(() -> sideBySide.handle(records))
        .isInstanceOfSatisfying(
            BatchListenerFailedException.class,
            e -> assertThat(e.getRecord()).isSameAs(records.get(1)))
        .hasRootCauseMessage("on purpose");
    assertThat(handled).containsExactly("good/1", "good/2");
  }

  @Test
  void aRecordThatIsNoEventFailsAlone() {
    ConsumerRecord<String, byte[]> odd = new ConsumerRecord<>("t", 0, 0, "odd", new byte[] {1});
    assertThatThrownBy(
            () ->
                new SideBySide(this::note, Traces.none())
                    .handle(List.of(odd, record(1, "good", 1))))
        .hasCauseInstanceOf(EventReader.UnreadableEvent.class);
    assertThat(handled).containsExactly("good/1");
  }

  private void note(WorkflowEvent event) {
    handled.add(event.key().workflow() + "/" + ((WorkflowEvent.WorkflowPlanned) event).stepCount());
  }

  private static void meet(CountDownLatch both) {
    both.countDown();
    try {
      assertThat(both.await(10, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static int number(String note) {
    return Integer.parseInt(note.substring(note.indexOf('/') + 1));
  }

  private static ConsumerRecord<String, byte[]> record(long offset, String workflow, int steps) {
    String json =
        "{\"tenant_id\": \"default\", \"workflow_id\": \"%s\", \"succeeded\": true, \"step_count\": %d}"
            .formatted(workflow, steps);
    ConsumerRecord<String, byte[]> record =
        new ConsumerRecord<>(
            "agentmanager.planned", 0, offset, workflow, json.getBytes(StandardCharsets.UTF_8));
    Map.of(
            "ce_specversion", "1.0",
            "ce_id", "1",
            "ce_source", "/agentmanager/planner-service",
            "ce_type", "io.agentmanager.workflow.planned.v1",
            "content-type", "application/json")
        .forEach((k, v) -> record.headers().add(k, v.getBytes(StandardCharsets.UTF_8)));
    return record;
  }
}
