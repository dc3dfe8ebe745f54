package io.agentmanager.journal;

import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.tracing.LogContext;
import io.agentmanager.tracing.Traces;
import io.opentelemetry.api.trace.SpanKind;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.springframework.kafka.listener.BatchListenerFailedException;

/**
 * Handles what came with one poll: workflows side by side, so that their writes share commits, and
 * the news of one workflow in its order. Where one fails, the rest of its workflow waits and the
 * others go on; what comes again after that changes nothing.
 */
public final class SideBySide {
  private static final int MOST = 32;
  private final Consumer<WorkflowEvent> handler;
  private final Traces traces;

  /** Handles each event by itself. */
  public SideBySide(Consumer<WorkflowEvent> handler, Traces traces) {
    this.handler = handler;
    this.traces = traces;
  }

  /**
   * Returns when all are handled.
   *
   * @throws BatchListenerFailedException that names the first record that could not be
   */
  public void handle(List<ConsumerRecord<String, byte[]>> records) {
    Collection<List<ConsumerRecord<String, byte[]>>> workflows =
        records.stream()
            .collect(
                Collectors.groupingBy(
                    record -> Objects.requireNonNullElse(record.key(), ""),
                    LinkedHashMap::new,
                    Collectors.toList()))
            .values();
    FailedRecords failed = new FailedRecords();
    if (workflows.size() == 1) {
      inOrder(records, failed);
    } else {
      sideBySide(workflows, failed);
    }
    failed.refuseFirst(records);
  }

  private void sideBySide(
      Collection<List<ConsumerRecord<String, byte[]>>> workflows, FailedRecords failed) {
    Semaphore places = new Semaphore(MOST);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (List<ConsumerRecord<String, byte[]>> workflow : workflows) {
        places.acquire();
        threads.execute(
            () -> {
              try {
                inOrder(workflow, failed);
              } finally {
                places.release();
              }
            });
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted; the records come again", e);
    }
  }

  /** Up to the first that fails. */
  private void inOrder(List<ConsumerRecord<String, byte[]>> workflow, FailedRecords failed) {
    for (ConsumerRecord<String, byte[]> record : workflow) {
      try {
        handle(record);
      } catch (RuntimeException e) {
        failed.add(record, e);
        return;
      } catch (Error e) {
        failed.add(record, new IllegalStateException(e));
        return;
      }
    }
  }

  private void handle(ConsumerRecord<String, byte[]> record) {
    WorkflowEvent event = EventReader.read(record);
    boolean unused =
        traces.<Boolean, RuntimeException>together(
            Collections.singletonList(Messaging.traceparent(record)),
            "process " + record.topic(),
            SpanKind.CONSUMER,
            Messaging.of("process", record.topic(), event.workflowId().value()),
            span -> {
              try (LogContext context =
                  LogContext.of(event.tenantId().value(), event.workflowId().value())) {
                handler.accept(event);
              }
              return Boolean.TRUE;
            });
  }
}
