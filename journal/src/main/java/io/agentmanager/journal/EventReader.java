package io.agentmanager.journal;

import io.agentmanager.contracts.event.EventKind;
import io.agentmanager.contracts.event.WorkflowEvent;
import io.agentmanager.contracts.json.WireJson;
import io.cloudevents.CloudEvent;
import io.cloudevents.kafka.KafkaMessageFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Reads a Kafka record back into the event that it carries. */
public final class EventReader {
  private EventReader() {}

  /** A record that is no event of a known kind: no repetition will help. */
  public static final class UnreadableEvent extends RuntimeException {
    private static final long serialVersionUID = 1;

    UnreadableEvent(String why, Throwable cause) {
      super(why, cause);
    }
  }

  /**
   * Reads the event.
   *
   * @throws UnreadableEvent when the record is no CloudEvent of a known type with its data
   */
  public static WorkflowEvent read(ConsumerRecord<String, byte[]> record) {
    try {
      CloudEvent event = KafkaMessageFactory.createReader(record).toEvent();
      EventKind kind =
          EventKind.ofTypeName(event.getType())
              .orElseThrow(() -> new IllegalArgumentException("unknown type " + event.getType()));
      byte[] data = event.getData() == null ? new byte[0] : event.getData().toBytes();
      WorkflowEvent read = WireJson.mapper().readValue(data, kind.dataType());
      if (read == null || read.tenantId() == null || read.workflowId() == null) {
        throw new IllegalArgumentException("it does not say of which workflow it speaks");
      }
      return read;
    } catch (RuntimeException e) {
      throw new UnreadableEvent("not an event: " + e.getMessage(), e);
    }
  }
}
