package io.agentmanager.local.dlt;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;

/**
 * A record that could not be handled.
 *
 * @param id topic without prefix and suffix, partition and offset of the dead-letter topic
 * @param topic where the record was first
 * @param replayed whether it was sent there again
 */
record DeadLetter(String id, String topic, boolean replayed, ConsumerRecord<String, byte[]> dead) {
  static final String HEADERS = "kafka_dlt-";
  private static final String WRAPPING = "threw exception; ";

  Instant at() {
    return Instant.ofEpochMilli(dead.timestamp());
  }

  /** The consumer group that could not handle it. */
  String group() {
    return header("original-consumer-group");
  }

  /** The failure: the innermost exception that was noted, and what it said. */
  String cause() {
    String inner = header("exception-cause-fqcn");
    String type = inner.isEmpty() ? header("exception-fqcn") : inner;
    return type.substring(type.lastIndexOf('.') + 1) + ": " + message();
  }

  /** What wraps the cause says only which method listened. */
  private String message() {
    String text = header("exception-message");
    int cause = text.indexOf(WRAPPING);
    return cause < 0 ? text : text.substring(cause + WRAPPING.length());
  }

  String stackTrace() {
    return header("exception-stacktrace");
  }

  String workflow() {
    return dead.key() == null ? "" : dead.key();
  }

  String data() {
    return dead.value() == null ? "" : new String(dead.value(), StandardCharsets.UTF_8);
  }

  private String header(String name) {
    return text(dead.headers().lastHeader(HEADERS + name));
  }

  static String text(@Nullable Header header) {
    return header == null || header.value() == null
        ? ""
        : new String(header.value(), StandardCharsets.UTF_8);
  }
}
