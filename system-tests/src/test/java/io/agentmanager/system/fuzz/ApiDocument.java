package io.agentmanager.system.fuzz;

import com.networknt.schema.Error;
import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.dialect.Dialects;
import io.agentmanager.contracts.json.WireJson;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** The served OpenAPI document, read for what to send and what may come back. */
final class ApiDocument {
  private static final String NAME = "urn:openapi";
  private final JsonNode root;
  private final SchemaRegistry schemas;

  ApiDocument(String json) {
    this.root = WireJson.mapper().readTree(json);
    this.schemas =
        SchemaRegistry.withDefaultDialect(
            Dialects.getOpenApi31(),
            builder ->
                builder
                    .schemas(Map.of(NAME, json))
                    .schemaRegistryConfig(
                        SchemaRegistryConfig.builder().formatAssertionsEnabled(true).build()));
  }

  /**
   * One call.
   *
   * @param body the schema of its body; null when it takes none
   */
  record Operation(
      String method,
      String path,
      List<Parameter> parameters,
      @Nullable JsonNode body,
      boolean bodyRequired,
      JsonNode responses) {
    @Override
    public String toString() {
      return method + " " + path;
    }
  }

  /** A parameter of a call, in path, query or header. */
  record Parameter(String name, String in, boolean required) {}

  List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    for (var path : root.path("paths").properties()) {
      for (var method : path.getValue().properties()) {
        operations.add(operation(method.getKey(), path.getKey(), method.getValue()));
      }
    }
    return operations;
  }

  private static Operation operation(String method, String path, JsonNode call) {
    List<Parameter> parameters = new ArrayList<>();
    for (JsonNode parameter : call.path("parameters")) {
      parameters.add(
          new Parameter(
              parameter.path("name").asString(),
              parameter.path("in").asString(),
              parameter.path("required").asBoolean()));
    }
    JsonNode body =
        call.path("requestBody").path("content").path("application/json").path("schema");
    return new Operation(
        method.toUpperCase(Locale.ROOT),
        path,
        parameters,
        body.isMissingNode() ? null : body,
        call.path("requestBody").path("required").asBoolean(),
        call.path("responses"));
  }

  /** The schema behind a reference, or the schema itself; of what may be null, what else it is. */
  JsonNode resolve(JsonNode schema) {
    String reference = schema.path("$ref").asString("");
    if (!reference.isEmpty()) {
      return resolve(root.at(reference.substring(1)));
    }
    if (schema.has("anyOf")) {
      return resolve(schema.path("anyOf").get(0));
    }
    if (schema.path("type").isArray() && schema instanceof ObjectNode object) {
      ObjectNode plain = object.deepCopy();
      plain.set("type", schema.path("type").get(0));
      if (plain.path("enum") instanceof ArrayNode constants) {
        constants.remove(constants.size() - 1);
      }
      return plain;
    }
    return schema;
  }

  /** What is wrong with an answer, if anything. */
  Optional<String> fault(Operation operation, int status, String mediaType, String body) {
    JsonNode response = operation.responses().path(Integer.toString(status));
    if (response.isMissingNode()) {
      return Optional.of("the status is not documented");
    }
    JsonNode content = response.path("content");
    if (content.isMissingNode() || content.isEmpty()) {
      return body.isEmpty() ? Optional.empty() : Optional.of("it has a body: " + body);
    }
    if (content.path(mediaType).isMissingNode()) {
      return Optional.of("its media type is not documented: " + mediaType);
    }
    if (!mediaType.endsWith("json")) {
      return Optional.empty();
    }
    List<Error> errors =
        schemas
            .getSchema(
                SchemaLocation.of(
                    NAME
                        + "#/paths/"
                        + escaped(operation.path())
                        + "/"
                        + operation.method().toLowerCase(Locale.ROOT)
                        + "/responses/"
                        + status
                        + "/content/"
                        + escaped(mediaType)
                        + "/schema"))
            .validate(body, InputFormat.JSON);
    return errors.isEmpty() ? Optional.empty() : Optional.of("its body is not valid: " + errors);
  }

  private static String escaped(String key) {
    return key.replace("~", "~0").replace("/", "~1");
  }
}
