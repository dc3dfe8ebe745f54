package io.agentmanager.http;

import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.json.WireJson;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.InputCoercionException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reads request bodies and says precisely what is wrong with one: not JSON at all is 400, JSON of
 * the wrong shape is 422 with a pointer, and so is U+0000 in any text (PostgreSQL cannot store it).
 */
public final class JsonBody {
  private static final String NUL_MESSAGE = "must not contain U+0000";
  private static final int ESCAPE_LENGTH = 6;

  private JsonBody() {}

  /** Reads a body whose unknown fields are ignored. */
  public static <T> T read(byte @Nullable [] body, Class<T> type) {
    return read(body, type, WireJson.mapper());
  }

  /** Reads a body whose unknown fields are an error that names them. */
  public static <T> T readStrict(byte @Nullable [] body, Class<T> type) {
    return read(body, type, WireJson.strict());
  }

  /** The items of an array field, each to be judged alone by {@link #convert}. */
  public static List<JsonNode> items(byte @Nullable [] body, String field) {
    JsonNode items = guarded(() -> tree(present(body), WireJson.mapper())).path(field);
    if (!items.isArray()) {
      throw invalid("/" + field, "must be an array");
    }
    List<JsonNode> all = new ArrayList<>();
    items.forEach(all::add);
    return all;
  }

  /** Reads one item of an array. */
  public static <T> T convert(JsonNode json, Class<T> type) {
    return guarded(
        () -> {
          refuseOddText(json, new ArrayDeque<>());
          return WireJson.mapper().treeToValue(json, type);
        });
  }

  private static <T> T read(byte @Nullable [] body, Class<T> type, JsonMapper mapper) {
    byte[] json = present(body);
    return guarded(
        () -> {
          if (mayHoldOddText(json)) {
            refuseOddText(tree(json, mapper), new ArrayDeque<>());
          }
          return mapper.readValue(json, type);
        });
  }

  private static byte[] present(byte @Nullable [] body) {
    if (body == null || body.length == 0) {
      throw ProblemException.of(ProblemType.MALFORMED_REQUEST, "The body is empty.");
    }
    for (byte b : body) {
      if (b == 0) {
        throw ProblemException.of(ProblemType.MALFORMED_REQUEST, "The body must be JSON in UTF-8.");
      }
    }
    return body;
  }

  private static JsonNode tree(byte[] json, JsonMapper mapper) {
    return mapper.readTree(json);
  }

  private static <T> T guarded(Supplier<@Nullable T> reading) {
    try {
      T value = reading.get();
      if (value == null) {
        throw invalid("", "must be an object");
      }
      return value;
    } catch (InputCoercionException e) {
      throw invalid(pointer(e), "the number is out of range");
    } catch (StreamReadException e) {
      throw ProblemException.of(
          ProblemType.MALFORMED_REQUEST, "The body is not JSON: " + e.getOriginalMessage());
    } catch (UnrecognizedPropertyException e) {
      throw invalid(pointer(e), "unknown field " + e.getPropertyName());
    } catch (DatabindException e) {
      throw invalid(pointer(e), shape(e));
    } catch (JacksonException e) {
      throw ProblemException.of(ProblemType.MALFORMED_REQUEST, "The body is not JSON.");
    }
  }

  private static ProblemException invalid(String pointer, String message) {
    return new ProblemException(
        ProblemType.INVALID_REQUEST.faults(
            (pointer.isEmpty() ? "The body" : pointer) + ": " + message,
            List.of(new Problem.Fault(pointer, message))));
  }

  /** What was expected, in the words of JSON rather than those of Java. */
  private static String shape(DatabindException e) {
    Class<?> wanted =
        e instanceof MismatchedInputException mismatch ? mismatch.getTargetType() : null;
    if (wanted == null || wanted == Instant.class || wanted == Duration.class) {
      return Optional.ofNullable(e.getOriginalMessage()).orElse("has the wrong type");
    }
    if (wanted.isEnum()) {
      return "must be one of the values that the contract names";
    }
    if (wanted == String.class) {
      return "must be a text";
    }
    if (wanted == Boolean.class || wanted == boolean.class) {
      return "must be true or false";
    }
    if (wanted == Double.class || wanted == double.class) {
      return "must be a number";
    }
    if (Number.class.isAssignableFrom(wanted) || wanted.isPrimitive()) {
      return "must be a whole number";
    }
    return Collection.class.isAssignableFrom(wanted) ? "must be an array" : "must be an object";
  }

  private static String pointer(JacksonException e) {
    StringBuilder pointer = new StringBuilder();
    for (JacksonException.Reference part : e.getPath()) {
      pointer
          .append('/')
          .append(part.getPropertyName() == null ? part.getIndex() : part.getPropertyName());
    }
    return pointer.toString();
  }

  /**
   * Looks for the escapes of U+0000 and of surrogates without parsing; most bodies have none. (A
   * proper pair of surrogates is fine, and found to be so by the closer look.)
   */
  private static boolean mayHoldOddText(byte[] body) {
    for (int i = 0; i + ESCAPE_LENGTH <= body.length; i++) {
      if (body[i] == '\\' && body[i + 1] == 'u') {
        boolean nul = body[i + 2] == '0' && body[i + 3] == '0' && body[i + 4] == '0';
        boolean surrogate = body[i + 2] == 'd' || body[i + 2] == 'D';
        if (nul || surrogate) {
          return true;
        }
      }
    }
    return false;
  }

  /** The path is of all that is around the node; a pointer is made of it where it is needed. */
  private static void refuseOddText(JsonNode node, Deque<Object> path) {
    if (node.isString()) {
      refuseOdd(node.stringValue(), path);
    }
    for (var field : node.properties()) {
      refuseOdd(field.getKey(), path);
      path.addLast(field.getKey());
      refuseOddText(field.getValue(), path);
      path.removeLast();
    }
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        path.addLast(i);
        refuseOddText(node.get(i), path);
        path.removeLast();
      }
    }
  }

  private static void refuseOdd(String text, Deque<Object> path) {
    if (text.indexOf('\0') >= 0) {
      throw invalid(pointer(path), NUL_MESSAGE);
    }
    if (text.codePoints()
        .anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
      throw invalid(pointer(path), "must be Unicode text: half of a surrogate pair is missing");
    }
  }

  private static String pointer(Deque<Object> path) {
    return path.stream().map(part -> "/" + part).collect(Collectors.joining());
  }
}
