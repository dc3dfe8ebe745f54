package io.agentmanager.journal;

import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.tracing.Traces;
import io.opentelemetry.api.trace.SpanKind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.listener.BatchListenerFailedException;

/** Handles what came with one poll together, where that is cheaper than one after the other. */
public final class AllAtOnce {
  private final Function<List<WorkflowEvent>, Map<WorkflowKey, RuntimeException>> handler;
  private final Traces traces;

  /**
   * Handles events together.
   *
   * @param handler returns what went wrong, by workflow; where it throws it is asked one by one
   */
  public AllAtOnce(
      Function<List<WorkflowEvent>, Map<WorkflowKey, RuntimeException>> handler, Traces traces) {
    this.handler = handler;
    this.traces = traces;
  }

  /**
   * Returns when all are handled.
   *
   * @throws BatchListenerFailedException that names the first record that was not
   */
  public void handle(List<ConsumerRecord<String, byte[]>> records) {
    FailedRecords failed = new FailedRecords();
    List<ConsumerRecord<String, byte[]>> readable = new ArrayList<>();
    List<WorkflowEvent> events = new ArrayList<>();
    for (ConsumerRecord<String, byte[]> record : records) {
      try {
        events.add(EventReader.read(record));
        readable.add(record);
      } catch (EventReader.UnreadableEvent e) {
        failed.add(record, e);
      }
    }
    if (!events.isEmpty()) {
      pass(events, readable, failed);
    }
    failed.refuseFirst(records);
  }

  /** What fails together without an outage is handled one by one, so that the bad fails alone. */
  private void pass(
      List<WorkflowEvent> events,
      List<ConsumerRecord<String, byte[]>> records,
      FailedRecords failed) {
    try {
      Map<WorkflowKey, RuntimeException> causes = apply(events, records);
      for (int i = 0; i < events.size(); i++) {
        RuntimeException cause = causes.get(events.get(i).key());
        if (cause != null) {
          failed.add(records.get(i), cause);
        }
      }
    } catch (RuntimeException e) {
      if (events.size() == 1 || Outages.isOutage(e)) {
        records.forEach(record -> failed.add(record, e));
        return;
      }
      for (int i = 0; i < events.size(); i++) {
        pass(List.of(events.get(i)), List.of(records.get(i)), failed);
      }
    }
  }

  private Map<WorkflowKey, RuntimeException> apply(
      List<WorkflowEvent> events, List<ConsumerRecord<String, byte[]>> records) {
    List<@Nullable String> parents = new ArrayList<>();
    records.forEach(record -> parents.add(Messaging.traceparent(record)));
    String topic = records.getFirst().topic();
    return traces.together(
        parents,
        "process " + topic,
        SpanKind.CONSUMER,
        Messaging.of("process", topic, null),
        span -> handler.apply(events));
  }
}
