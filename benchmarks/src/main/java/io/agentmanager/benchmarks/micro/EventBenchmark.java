package io.agentmanager.benchmarks.micro;

import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.contracts.event.WorkflowEvent.StepReady;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.journal.EventReader;
import io.agentmanager.journal.EventWriter;
import io.agentmanager.journal.JournalStore.OutboxRow;
import io.agentmanager.journal.Topics;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** An event on its way from the journal to Kafka, and from there to whoever listens. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
public class EventBenchmark {
  private static final StepReady EVENT =
      new StepReady(
          new TenantId("default"),
          new WorkflowId("019b76da-a800-7000-8000-0123456789ab"),
          new StepId("middle-3"),
          0,
          "any",
          0);
  private final EventWriter writer =
      new EventWriter(
          new Topics("agentmanager.", 6, (short) 1, Duration.ofDays(7), Duration.ofDays(30), true),
          "task-service");
  private Optional<ConsumerRecord<String, byte[]>> received = Optional.empty();

  /** Makes the record that is read. */
  @Setup
  public void record() {
    ProducerRecord<String, byte[]> sent = write();
    received =
        Optional.of(
            new ConsumerRecord<>(
                sent.topic(),
                0,
                0,
                0,
                TimestampType.CREATE_TIME,
                sent.key().length(),
                sent.value().length,
                sent.key(),
                sent.value(),
                sent.headers(),
                Optional.empty()));
    if (!read().equals(EVENT)) {
      throw new IllegalStateException("it came back as " + read());
    }
  }

  /** To JSON, as the journal keeps it, and to the record of a CloudEvent. */
  @Benchmark
  public ProducerRecord<String, byte[]> write() {
    return writer.write(
        new OutboxRow(
            1,
            EVENT.tenantId().value(),
            EVENT.workflowId().value(),
            Instant.EPOCH,
            EVENT.kind(),
            WireJson.mapper().writeValueAsString(EVENT),
            null));
  }

  /** From the record back to the event. */
  @Benchmark
  public WorkflowEvent read() {
    return EventReader.read(received.orElseThrow());
  }
}
