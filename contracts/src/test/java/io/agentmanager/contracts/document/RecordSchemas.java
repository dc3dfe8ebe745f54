package io.agentmanager.contracts.document;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowId;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** JSON Schemas of the wire's records, read off the records themselves. */
final class RecordSchemas {
  private final String prefix;
  private final Map<String, Object> schemas = new TreeMap<>();

  RecordSchemas(String prefix) {
    this.prefix = prefix;
  }

  Map<String, Object> all() {
    return schemas;
  }

  /** A reference to the schema of a record, which is described on the way. */
  Map<String, Object> ref(Class<?> type) {
    String name = name(type);
    if (!schemas.containsKey(name)) {
      schemas.put(name, Map.of());
      schemas.put(name, describe(type));
    }
    return Map.of("$ref", prefix + name);
  }

  private Map<String, Object> describe(Class<?> type) {
    Map<String, Object> properties = new LinkedHashMap<>();
    List<String> required = new ArrayList<>();
    for (RecordComponent component : type.getRecordComponents()) {
      String property = snake(component.getName());
      Map<String, Object> value = of(component.getGenericType());
      properties.put(property, isNullable(component) ? orNull(value) : value);
      if (!isNullable(component)) {
        required.add(property);
      }
    }
    Map<String, Object> schema = new LinkedHashMap<>();
    schema.put("type", "object");
    if (!required.isEmpty()) {
      schema.put("required", required);
    }
    schema.put("properties", properties);
    return schema;
  }

  /** What may be absent may be null as well. */
  private static Map<String, Object> orNull(Map<String, Object> schema) {
    if (schema.containsKey("$ref")) {
      return Map.of("anyOf", List.of(schema, Map.of("type", "null")));
    }
    if (!schema.containsKey("type")) {
      return schema;
    }
    Map<String, Object> nullable = new TreeMap<>(schema);
    nullable.put("type", Arrays.asList(schema.get("type"), "null"));
    if (schema.get("enum") instanceof List<?> constants) {
      List<@Nullable Object> values = new ArrayList<>(constants);
      values.add(null);
      nullable.put("enum", values);
    }
    return nullable;
  }

  Map<String, Object> of(Type type) {
    if (type instanceof ParameterizedType generic) {
      Type last = generic.getActualTypeArguments()[generic.getActualTypeArguments().length - 1];
      return generic.getRawType() == List.class
          ? Map.of("type", "array", "items", of(last))
          : Map.of("type", "object", "additionalProperties", of(last));
    }
    Class<?> plain = (Class<?>) type;
    if (plain.isEnum()) {
      return Map.of("type", "string", "enum", constants(plain));
    }
    if (plain == String.class
        || plain == StepId.class
        || plain == TenantId.class
        || plain == WorkflowId.class) {
      return Map.of("type", "string");
    }
    if (plain == Instant.class) {
      return Map.of("type", "string", "format", "date-time");
    }
    if (plain == Duration.class) {
      return Map.of("type", "string", "format", "duration");
    }
    if (plain == int.class || plain == Integer.class) {
      return Map.of("type", "integer", "format", "int32");
    }
    if (plain == long.class || plain == Long.class) {
      return Map.of("type", "integer", "format", "int64");
    }
    if (plain == double.class || plain == Double.class) {
      return Map.of("type", "number");
    }
    if (plain == boolean.class || plain == Boolean.class) {
      return Map.of("type", "boolean");
    }
    if (plain == ObjectNode.class) {
      return Map.of("type", "object");
    }
    if (plain == JsonNode.class) {
      return Map.of();
    }
    return ref(plain);
  }

  private static List<String> constants(Class<?> type) {
    List<String> names = new ArrayList<>();
    for (Object constant : type.getEnumConstants()) {
      String name = ((Enum<?>) constant).name();
      try {
        JsonProperty wire = type.getField(name).getAnnotation(JsonProperty.class);
        names.add(wire == null ? name : wire.value());
      } catch (NoSuchFieldException e) {
        throw new IllegalStateException(e);
      }
    }
    return names;
  }

  private static boolean isNullable(RecordComponent component) {
    AnnotatedElement type = component.getAnnotatedType();
    return type.isAnnotationPresent(Nullable.class);
  }

  private static String name(Class<?> type) {
    return type.getEnclosingClass() == null || type.getEnclosingClass().isInterface()
        ? type.getSimpleName()
        : type.getEnclosingClass().getSimpleName() + type.getSimpleName();
  }

  static String snake(String name) {
    return name.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
  }
}
