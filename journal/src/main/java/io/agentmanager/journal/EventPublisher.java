package io.agentmanager.journal;

import io.agentmanager.tracing.TraceParent;
import io.agentmanager.tracing.Traces;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.context.Context;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;
import org.springframework.kafka.core.KafkaOperations;

/** Sends journal rows to Kafka, in their order. */
public final class EventPublisher {
  private final KafkaOperations<String, byte[]> kafka;
  private final EventWriter writer;
  private final Traces traces;

  /** Publishes in the name of a service. */
  public EventPublisher(
      KafkaOperations<String, byte[]> kafka, Topics topics, String service, Traces traces) {
    this.kafka = kafka;
    this.traces = traces;
    this.writer = new EventWriter(topics, service);
  }

  /**
   * Returns when the broker has acknowledged every row. Where one cannot even be sent, none after
   * it is: it would overtake.
   */
  void publish(List<JournalStore.OutboxRow> rows) throws InterruptedException {
    List<CompletableFuture<?>> sent = new ArrayList<>(rows.size());
    for (JournalStore.OutboxRow row : rows) {
      CompletableFuture<?> next = send(row);
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

  private CompletableFuture<?> send(JournalStore.OutboxRow row) {
    ProducerRecord<String, byte[]> record = writer.write(row);
    if (row.traceparent() == null) {
      return kafka.send(record);
    }
    Span span =
        traces.begin(
            row.traceparent(),
            "send " + record.topic(),
            SpanKind.PRODUCER,
            Messaging.of("send", record.topic(), row.workflowId()));
    String place = TraceParent.of(Context.root().with(span));
    if (place != null) {
      record.headers().add(TraceParent.HEADER, place.getBytes(StandardCharsets.US_ASCII));
    }
    try {
      return kafka.send(record).whenComplete((sent, failure) -> end(span, failure));
    } catch (RuntimeException e) {
      end(span, e);
      throw e;
    }
  }

  private static void end(Span span, @Nullable Throwable failure) {
    if (failure != null) {
      span.setStatus(StatusCode.ERROR).setAttribute("error.type", failure.getClass().getName());
    }
    span.end();
  }
}
