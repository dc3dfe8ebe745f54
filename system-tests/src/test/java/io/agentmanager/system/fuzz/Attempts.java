package io.agentmanager.system.fuzz;

import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.system.fuzz.ApiDocument.Operation;
import io.agentmanager.system.fuzz.ApiDocument.Parameter;
import io.agentmanager.system.fuzz.Attempt.Expectation;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** Makes requests: valid ones, and valid ones of which one part was spoilt. */
final class Attempts {
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;
  private static final Set<String> TAKES_LONG = Set.of("wait", "wait_sec");
  private static final Set<String> NUMBERS = Set.of("after", "limit", "wait");

  /** Calls that read their bodies strictly: unknown fields are errors. */
  private static final Set<String> STRICT =
      Set.of("/v1/tasks", "/v1/tokens", "/v1/tokens/{token}/rotate", "/v1/trail/verify");

  private static final List<String> ODD_TEXTS =
      List.of(
          "",
          " ",
          "\u202e\u200f\ufeff",
          "\ud83d\ude00\u0301\u0301",
          "\r\nX-Injected: 1",
          "../../etc/passwd",
          "' OR 1=1 --",
          "${jndi:ldap://127.0.0.1/x}",
          "{{7*7}}",
          "%00%2e%2e",
          "\u0001\u001f\u007f",
          "null",
          "-1",
          "9".repeat(400),
          "a".repeat(9_000));

  private final ApiDocument document;
  private final List<String> tokens;
  private final Map<String, List<String>> known;

  /**
   * Draws from these.
   *
   * @param tokens of callers, one for each request
   * @param known values that exist, by the names of parameters and fields
   */
  Attempts(ApiDocument document, List<String> tokens, Map<String, List<String>> known) {
    this.document = document;
    this.tokens = List.copyOf(tokens);
    this.known = known;
  }

  Attempt of(Operation operation, Random random) {
    return switch (random.nextInt(15)) {
      case 0 -> withoutToken(operation, random);
      case 1 -> withOddParameter(operation, random);
      case 2 -> withUnknownQuery(operation, random);
      case 3 -> operation.body() == null ? valid(operation, random) : notJson(operation, random);
      case 4 -> operation.body() == null ? valid(operation, random) : nested(operation, random);
      case 5, 6, 7, 8 ->
          operation.body() == null
              ? withOddParameter(operation, random)
              : spoilt(operation, random);
      case 9, 10, 11 ->
          operation.body() == null
              ? withOddParameter(operation, random)
              : spoiltWithin(operation, random);
      default -> valid(operation, random);
    };
  }

  private Attempt valid(Operation operation, Random random) {
    return attempt(operation, random, body(operation, random), Expectation.DOCUMENTED, "valid");
  }

  private Attempt withoutToken(Operation operation, Random random) {
    List<String> tokens =
        List.of("", "Bearer ", "Bearer nobody", "Basic YTpi", "Bearer eyJhbGciOiJub25lIn0.e30.");
    Attempt valid = valid(operation, random);
    Map<String, String> headers = new LinkedHashMap<>(valid.headers());
    headers.remove("Authorization");
    String other = pick(tokens, random);
    if (!other.isEmpty()) {
      headers.put("Authorization", other);
    }
    return new Attempt(
        operation,
        valid.target(),
        headers,
        valid.body(),
        Expectation.UNAUTHORIZED,
        "token: " + other);
  }

  private Attempt withOddParameter(Operation operation, Random random) {
    List<Parameter> parameters = operation.parameters();
    if (parameters.isEmpty()) {
      return withUnknownQuery(operation, random);
    }
    Parameter odd = pick(parameters, random);
    String value = pick(ODD_TEXTS, random);
    boolean nonsense =
        odd.in().equals("query")
            && NUMBERS.contains(odd.name())
            && !value.isEmpty()
            && !value.equals("-1");
    return attempt(
        operation,
        random,
        body(operation, random),
        nonsense ? Expectation.REFUSED : Expectation.DOCUMENTED,
        "odd " + odd.in() + " " + odd.name(),
        Map.of(odd.name(), value));
  }

  private Attempt withUnknownQuery(Operation operation, Random random) {
    Attempt valid = valid(operation, random);
    String more =
        (valid.target().contains("?") ? "&" : "?")
            + encoded(pick(ODD_TEXTS.subList(2, 12), random))
            + "="
            + encoded(pick(ODD_TEXTS, random));
    return new Attempt(
        operation,
        valid.target() + more,
        valid.headers(),
        valid.body(),
        Expectation.DOCUMENTED,
        "unknown query");
  }

  private Attempt notJson(Operation operation, Random random) {
    byte[] noise = new byte[random.nextInt(64) + 1];
    random.nextBytes(noise);
    List<byte[]> bodies =
        List.of(
            "{".getBytes(StandardCharsets.UTF_8),
            "{\"a\":1,}".getBytes(StandardCharsets.UTF_8),
            "{\"a\":NaN}".getBytes(StandardCharsets.UTF_8),
            "[1,2".getBytes(StandardCharsets.UTF_8),
            "<xml/>".getBytes(StandardCharsets.UTF_8),
            new byte[] {'{', '"', (byte) 0xff, (byte) 0xfe, '"', ':', '1', '}'},
            ("\u0000" + new String(noise, StandardCharsets.ISO_8859_1))
                .getBytes(StandardCharsets.UTF_8));
    return attempt(operation, random, pick(bodies, random), Expectation.REFUSED, "not JSON");
  }

  private Attempt nested(Operation operation, Random random) {
    int depth = 10_000;
    String bomb =
        random.nextBoolean()
            ? "[".repeat(depth) + "]".repeat(depth)
            : "{\"metadata\":".repeat(depth) + "1" + "}".repeat(depth);
    return attempt(
        operation,
        random,
        bomb.getBytes(StandardCharsets.UTF_8),
        Expectation.REFUSED,
        "deeply nested");
  }

  /** A valid body of which one field is missing, of a wrong type, unknown, or odd. */
  private Attempt spoilt(Operation operation, Random random) {
    JsonNode schema = document.resolve(Objects.requireNonNull(operation.body()));
    if (!(value(schema, "", random, 0, true) instanceof ObjectNode body)) {
      return valid(operation, random);
    }
    List<String> names = new ArrayList<>(schema.path("properties").propertyNames());
    String name = pick(names, random);
    JsonNode field = document.resolve(schema.path("properties").path(name));
    Expectation expectation = Expectation.DOCUMENTED;
    String why;
    switch (random.nextInt(5)) {
      case 0 -> {
        body.remove(name);
        boolean required =
            schema.path("required").valueStream().anyMatch(r -> r.asString().equals(name));
        expectation = required ? Expectation.REFUSED : expectation;
        why = "missing " + name;
      }
      case 1 -> {
        JsonNode other = otherType(field.path("type").asString(""), random);
        body.set(name, other);
        boolean typed = field.has("type") && !TAKES_LONG.contains(name);
        expectation = typed ? Expectation.REFUSED : expectation;
        why = "another type of " + name;
      }
      case 2 -> {
        body.put("unknown_" + random.nextInt(100), pick(ODD_TEXTS, random));
        expectation = STRICT.contains(operation.path()) ? Expectation.REFUSED : expectation;
        why = "an unknown field";
      }
      case 3 -> {
        body.put(name, "a\u0000b");
        expectation = field.has("type") ? Expectation.REFUSED : expectation;
        why = "U+0000 in " + name;
      }
      default -> {
        spoil(body, name, field, random);
        why = "odd " + name;
      }
    }
    return attempt(operation, random, WireJson.mapper().writeValueAsBytes(body), expectation, why);
  }

  /** A valid body in which one value, however deep, is any other. */
  private Attempt spoiltWithin(Operation operation, Random random) {
    JsonNode body = value(Objects.requireNonNull(operation.body()), "", random, 0, true);
    List<Place> places = new ArrayList<>();
    places(body, "", places);
    if (places.isEmpty()) {
      return valid(operation, random);
    }
    Place place = pick(places, random);
    JsonNode odd =
        switch (random.nextInt(5)) {
          case 0 -> JSON.nullNode();
          case 1 -> otherType("", random);
          case 2 -> JSON.numberNode(random.nextBoolean() ? Long.MIN_VALUE : 1e300);
          case 3 -> JSON.arrayNode().add(JSON.arrayNode().add(JSON.nullNode()));
          default -> JSON.stringNode(pick(ODD_TEXTS, random));
        };
    place.replace().accept(odd);
    return attempt(
        operation,
        random,
        WireJson.mapper().writeValueAsBytes(body),
        Expectation.DOCUMENTED,
        "odd " + place.pointer());
  }

  private record Place(String pointer, Consumer<JsonNode> replace) {}

  private static void places(JsonNode node, String pointer, List<Place> places) {
    if (node instanceof ObjectNode object) {
      for (var field : object.properties()) {
        String at = pointer + "/" + field.getKey();
        // A long wait is no fault.
        if (!TAKES_LONG.contains(field.getKey())) {
          places.add(new Place(at, odd -> object.set(field.getKey(), odd)));
          places(field.getValue(), at, places);
        }
      }
    }
    if (node instanceof ArrayNode array) {
      for (int i = 0; i < array.size(); i++) {
        int index = i;
        places.add(new Place(pointer + "/" + i, odd -> array.set(index, odd)));
        places(array.get(i), pointer + "/" + i, places);
      }
    }
  }

  private static void spoil(ObjectNode body, String name, JsonNode field, Random random) {
    switch (field.path("type").asString("")) {
      case "integer", "number" ->
          body.set(
              name,
              WireJson.mapper()
                  .readTree(
                      pick(
                          List.of("-1", "0", "2147483647", "2147483648", "1e400", "-0.0", "1.5"),
                          random)));
      case "array" -> {
        ArrayNode many = JSON.arrayNode();
        for (int i = 0; i < 2_000; i++) {
          many.add("x");
        }
        body.set(name, many);
      }
      default -> body.put(name, pick(ODD_TEXTS, random));
    }
  }

  private static JsonNode otherType(String type, Random random) {
    List<JsonNode> others = new ArrayList<>();
    if (!type.equals("string")) {
      others.add(JSON.stringNode("text"));
    }
    if (!type.equals("object")) {
      others.add(JSON.objectNode().put("a", 1));
    }
    if (!type.equals("array")) {
      others.add(JSON.arrayNode().add(1));
    }
    if (!type.equals("boolean")) {
      others.add(JSON.booleanNode(true));
    }
    return pick(others, random);
  }

  private byte @Nullable [] body(Operation operation, Random random) {
    if (operation.body() == null || (!operation.bodyRequired() && random.nextInt(3) == 0)) {
      return null;
    }
    return WireJson.mapper().writeValueAsBytes(value(operation.body(), "", random, 0, false));
  }

  private Attempt attempt(
      Operation operation,
      Random random,
      byte @Nullable [] body,
      Expectation expectation,
      String why) {
    return attempt(operation, random, body, expectation, why, Map.of());
  }

  private Attempt attempt(
      Operation operation,
      Random random,
      byte @Nullable [] body,
      Expectation expectation,
      String why,
      Map<String, String> fixed) {
    String path = operation.path();
    StringBuilder query = new StringBuilder();
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Authorization", "Bearer " + pick(tokens, random));
    if (body != null) {
      headers.put("Content-Type", "application/json");
    }
    for (Parameter parameter : operation.parameters()) {
      String value = fixed.getOrDefault(parameter.name(), text(parameter.name(), random));
      boolean given =
          parameter.required() || fixed.containsKey(parameter.name()) || random.nextBoolean();
      switch (parameter.in()) {
        case "path" -> path = path.replace("{" + parameter.name() + "}", encoded(value));
        case "query" -> {
          if (given) {
            query.append(query.isEmpty() ? "?" : "&");
            query.append(parameter.name()).append('=').append(encoded(value));
          }
        }
        default -> {
          String printable = value.replaceAll("[^\\x20-\\x7e]", "");
          if (given && !printable.isBlank()) {
            headers.put(parameter.name(), printable);
          }
        }
      }
    }
    return new Attempt(operation, path + query, headers, body, expectation, why);
  }

  /** A value that a field of that name may have. */
  private JsonNode value(JsonNode reference, String name, Random random, int depth, boolean whole) {
    JsonNode schema = document.resolve(reference);
    if (schema.has("enum")) {
      JsonNode values = schema.path("enum");
      return values.get(random.nextInt(values.size()));
    }
    return switch (schema.path("type").asString("")) {
      case "string" -> JSON.stringNode(text(name, random, schema.path("format").asString("")));
      case "integer" -> JSON.numberNode(TAKES_LONG.contains(name) ? 0 : random.nextInt(4));
      case "number" -> JSON.numberNode(random.nextInt(1000) / 100.0);
      case "boolean" -> JSON.booleanNode(random.nextBoolean());
      case "array" -> {
        ArrayNode array = JSON.arrayNode();
        int size = depth > 3 ? 0 : random.nextInt(3);
        for (int i = 0; i < size; i++) {
          array.add(value(schema.path("items"), name, random, depth + 1, whole));
        }
        yield array;
      }
      case "object" -> object(schema, random, depth, whole);
      default -> JSON.objectNode();
    };
  }

  private ObjectNode object(JsonNode schema, Random random, int depth, boolean whole) {
    ObjectNode object = JSON.objectNode();
    Set<String> required = new HashSet<>();
    schema.path("required").forEach(r -> required.add(r.asString()));
    for (var property : schema.path("properties").properties()) {
      if (whole || required.contains(property.getKey()) || (depth < 3 && random.nextInt(3) == 0)) {
        object.set(
            property.getKey(),
            value(property.getValue(), property.getKey(), random, depth + 1, whole && depth < 1));
      }
    }
    return object;
  }

  private String text(String name, Random random) {
    return text(name, random, "");
  }

  private String text(String name, Random random, String format) {
    if (TAKES_LONG.contains(name)) {
      return "0";
    }
    if (NUMBERS.contains(name)) {
      return Integer.toString(random.nextInt(200) + 1);
    }
    if (format.equals("date-time")) {
      return "2031-01-02T03:04:05Z";
    }
    if (format.equals("duration")) {
      return "PT5M";
    }
    List<String> values = known.getOrDefault(name, List.of());
    return values.isEmpty() || random.nextInt(4) == 0
        ? "v" + random.nextInt(1000)
        : pick(values, random);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  private static <T> T pick(List<T> values, Random random) {
    return values.get(random.nextInt(values.size()));
  }
}
