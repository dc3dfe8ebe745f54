package io.agentmanager.planner.plan;

import com.networknt.schema.ExecutionContext;
import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import com.networknt.schema.ValidationLimitExceededException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;

/** Whether a JSON document is a JSON Schema (draft 2020-12). */
final class JsonSchemas {
  /** Checking a plain schema takes 25 to 45 steps a node. */
  private static final long STEPS_OF_A_NODE = 200;

  private static final long STEPS = 10_000;
  private static final int DEEPEST = 500;
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final Schema META =
      REGISTRY.getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()));

  private JsonSchemas() {}

  /** References may multiply: a small schema can ask for more than anybody has time for. */
  private static Consumer<ExecutionContext> limit(JsonNode schema) {
    long steps = STEPS + STEPS_OF_A_NODE * nodes(schema);
    return execution -> {
      execution.setFailFast(true);
      execution.executionConfig(
          config -> config.maxEvaluationSteps(steps).maxEvaluationDepth(DEEPEST));
    };
  }

  private static long nodes(JsonNode node) {
    long nodes = 1;
    for (JsonNode value : node.values()) {
      nodes += nodes(value);
    }
    return nodes;
  }

  /** Nothing is fetched for a schema: it refers to itself alone, in its one dialect. */
  private static Optional<String> outsideReference(JsonNode schema) {
    for (var field : schema.properties()) {
      JsonNode value = field.getValue();
      boolean reference = field.getKey().equals("$ref") || field.getKey().equals("$dynamicRef");
      if (reference && value.isString() && !value.stringValue().startsWith("#")) {
        return Optional.of("must refer to itself alone, not to " + value.stringValue());
      }
      if (field.getKey().equals("$schema")
          && !value.asString("").equals(SpecificationVersion.DRAFT_2020_12.getDialectId())) {
        return Optional.of("must be of draft 2020-12");
      }
      Optional<String> within = outsideReference(value);
      if (within.isPresent()) {
        return within;
      }
    }
    for (JsonNode item : schema.isArray() ? schema.values() : List.<JsonNode>of()) {
      Optional<String> within = outsideReference(item);
      if (within.isPresent()) {
        return within;
      }
    }
    return Optional.empty();
  }

  /** What is wrong with it; empty when it is a schema. */
  static Optional<String> fault(JsonNode schema) {
    if (!schema.isObject() && !schema.isBoolean()) {
      return Optional.of("must be a JSON Schema: an object or a boolean");
    }
    Optional<String> outside = outsideReference(schema);
    if (outside.isPresent()) {
      return outside;
    }
    Consumer<ExecutionContext> limit = limit(schema);
    try {
      List<com.networknt.schema.Error> errors =
          META.validate(schema.toString(), InputFormat.JSON, limit);
      if (errors.isEmpty()) {
        REGISTRY.getSchema(schema).validate("{}", InputFormat.JSON, limit);
      }
      return errors.stream()
          .findFirst()
          .map(e -> "is no JSON Schema: " + e.getInstanceLocation() + " " + e.getMessage());
    } catch (ValidationLimitExceededException e) {
      return Optional.of("is too deep, or refers to itself in too many ways");
    } catch (SchemaException | IllegalArgumentException | StackOverflowError e) {
      return Optional.of("is no JSON Schema: " + e.getMessage());
    }
  }
}
