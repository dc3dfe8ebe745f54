package io.agentmanager.planner.plan;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaException;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/** Whether a JSON document is a JSON Schema (draft 2020-12). */
final class JsonSchemas {
  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
  private static final Schema META =
      REGISTRY.getSchema(SchemaLocation.of(SpecificationVersion.DRAFT_2020_12.getDialectId()));

  private JsonSchemas() {}

  /** What is wrong with it; empty when it is a schema. */
  static Optional<String> fault(JsonNode schema) {
    if (!schema.isObject() && !schema.isBoolean()) {
      return Optional.of("must be a JSON Schema: an object or a boolean");
    }
    try {
      List<com.networknt.schema.Error> errors = META.validate(schema.toString(), InputFormat.JSON);
      return errors.stream()
          .findFirst()
          .map(e -> "is no JSON Schema: " + e.getInstanceLocation() + " " + e.getMessage());
    } catch (SchemaException e) {
      return Optional.of("is no JSON Schema: " + e.getMessage());
    }
  }
}
