package io.agentmanager.contracts.document;

import io.agentmanager.contracts.event.EventKind;
import io.agentmanager.contracts.trail.TrailEvent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** The AsyncAPI 3 document of the topics, read off the kinds of events and their records. */
final class AsyncApi {
  private AsyncApi() {}

  static Map<String, Object> document() {
    RecordSchemas schemas = new RecordSchemas("#/components/schemas/");
    Map<String, Object> channels = new TreeMap<>();
    Map<String, Object> messages = new TreeMap<>();
    Map<String, Object> operations = new TreeMap<>();
    for (EventKind kind : EventKind.values()) {
      String message = kind.dataType().getSimpleName();
      channels.put(
          kind.topic(),
          channel(kind.topic(), "Keyed by workflow id; CloudEvents 1.0 in binary mode.", message));
      messages.put(
          message,
          new TreeMap<>(
              Map.of(
                  "name", kind.typeName(),
                  "contentType", "application/json",
                  "headers", headers(kind.typeName()),
                  "payload", schemas.ref(kind.dataType()))));
      operations.put(
          "publish-" + kind.topic(),
          new TreeMap<>(
              Map.of("action", "send", "channel", Map.of("$ref", "#/channels/" + kind.topic()))));
    }
    trail(schemas, channels, messages, operations);
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("asyncapi", "3.0.0");
    document.put("info", new TreeMap<>(Map.of("title", "AgentManager events", "version", "1")));
    document.put("defaultContentType", "application/json");
    document.put("channels", channels);
    document.put("operations", operations);
    document.put(
        "components", new TreeMap<>(Map.of("messages", messages, "schemas", schemas.all())));
    return document;
  }

  /** The trail is of callers, not of workflows: its topics are keyed by tenant. */
  private static void trail(
      RecordSchemas schemas,
      Map<String, Object> channels,
      Map<String, Object> messages,
      Map<String, Object> operations) {
    channels.put(
        TrailEvent.TOPIC,
        channel(
            TrailEvent.TOPIC, "Keyed by tenant; CloudEvents 1.0 in binary mode.", "TrailEvent"));
    channels.put(
        TrailEvent.HEADS_TOPIC,
        channel(
            TrailEvent.HEADS_TOPIC,
            "Keyed by tenant, kept for ever: where each chain stood, signed.",
            "TrailHead"));
    messages.put(
        "TrailEvent",
        new TreeMap<>(
            Map.of(
                "name",
                TrailEvent.TYPE_NAME,
                "contentType",
                "application/json",
                "headers",
                headers(TrailEvent.TYPE_NAME),
                "payload",
                schemas.ref(TrailEvent.class))));
    messages.put(
        "TrailHead",
        new TreeMap<>(
            Map.of("contentType", "application/jose", "payload", Map.of("type", "string"))));
    for (String topic : List.of(TrailEvent.TOPIC, TrailEvent.HEADS_TOPIC)) {
      operations.put(
          "publish-" + topic,
          new TreeMap<>(
              Map.of("action", "send", "channel", Map.of("$ref", "#/channels/" + topic))));
    }
  }

  private static Map<String, Object> channel(String topic, String description, String message) {
    return new TreeMap<>(
        Map.of(
            "address",
            "agentmanager." + topic,
            "description",
            description,
            "messages",
            Map.of(message, Map.of("$ref", "#/components/messages/" + message))));
  }

  private static Map<String, Object> headers(String typeName) {
    Map<String, Object> properties = new TreeMap<>();
    properties.put("ce_specversion", Map.of("const", "1.0"));
    properties.put("ce_type", Map.of("const", typeName));
    for (String name : List.of("ce_id", "ce_source", "ce_subject", "ce_time", "ce_tenantid")) {
      properties.put(name, Map.of("type", "string"));
    }
    return new TreeMap<>(
        Map.of(
            "type",
            "object",
            "required",
            List.copyOf(properties.keySet()),
            "properties",
            properties));
  }
}
