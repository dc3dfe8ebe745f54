package io.agentmanager.worker.kafka;

import io.agentmanager.worker.Doorbell;
import io.agentmanager.worker.WorkerConfig;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;

/** Makes the doorbell of workers whose configuration says {@code "transport": "kafka"}. */
public final class KafkaDoorbellFactory implements Doorbell.Factory {
  @Override
  public String transport() {
    return "kafka";
  }

  @Override
  public Doorbell create(WorkerConfig config) {
    WorkerConfig.Kafka kafka = config.kafka();
    if (kafka == null || kafka.bootstrapServers() == null || kafka.bootstrapServers().isBlank()) {
      throw new IllegalArgumentException(
          "transport is kafka, but kafka.bootstrap_servers is missing");
    }
    Map<String, Object> connection =
        new HashMap<>(Objects.requireNonNullElse(kafka.properties(), Map.of()));
    connection.put("bootstrap.servers", kafka.bootstrapServers());
    return new KafkaDoorbell(
        connection, Objects.requireNonNullElse(kafka.topicPrefix(), "agentmanager."));
  }
}
