package io.agentmanager.journal;

import io.agentmanager.tracing.TraceParent;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.common.Attributes;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * What spans say of Kafka, by OpenTelemetry's semantic conventions
 * (https://opentelemetry.io/docs/specs/semconv/messaging/kafka/).
 */
final class Messaging {
  private static final AttributeKey<String> SYSTEM = AttributeKey.stringKey("messaging.system");
  private static final AttributeKey<String> OPERATION =
      AttributeKey.stringKey("messaging.operation.type");
  private static final AttributeKey<String> DESTINATION =
      AttributeKey.stringKey("messaging.destination.name");
  private static final AttributeKey<String> WORKFLOW =
      AttributeKey.stringKey("agentmanager.workflow.id");

  private Messaging() {}

  static Attributes of(String operation, String topic, @Nullable String workflow) {
    Attributes attributes =
        Attributes.of(SYSTEM, "kafka", OPERATION, operation, DESTINATION, topic);
    return workflow == null ? attributes : attributes.toBuilder().put(WORKFLOW, workflow).build();
  }

  /** Where in a trace a record was sent. */
  static @Nullable String traceparent(ConsumerRecord<?, ?> record) {
    Header header = record.headers().lastHeader(TraceParent.HEADER);
    return header == null ? null : new String(header.value(), StandardCharsets.US_ASCII);
  }
}
