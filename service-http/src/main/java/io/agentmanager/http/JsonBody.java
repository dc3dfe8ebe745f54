package io.agentmanager.http;

import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.json.WireJson;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamReadException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.JsonNode;
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

  private static <T> T read(byte @Nullable [] body, Class<T> type, JsonMapper mapper) {
    if (body == null || body.length == 0) {
      throw ProblemException.of(ProblemType.MALFORMED_REQUEST, "The body is empty.");
    }
    try {
      if (mayHoldNul(body)) {
        refuseNul(mapper.readTree(body), "");
      }
      T value = mapper.readValue(body, type);
      if (value == null) {
        throw ProblemException.invalid("", "must be an object");
      }
      return value;
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

  private static String shape(DatabindException e) {
    String message = Optional.ofNullable(e.getOriginalMessage()).orElse("has the wrong type");
    int end = message.indexOf('\n');
    String line = end < 0 ? message : message.substring(0, end);
    return line.replaceAll(
        "`?(java|io\\.agentmanager|tools\\.jackson)\\.[A-Za-z.$]*?([A-Za-z]+)`?", "$2");
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

  /** Looks for the escape of U+0000 without parsing; most bodies have none. */
  private static boolean mayHoldNul(byte[] body) {
    for (int i = 0; i + ESCAPE_LENGTH <= body.length; i++) {
      if (body[i] == '\\'
          && body[i + 1] == 'u'
          && body[i + 2] == '0'
          && body[i + 3] == '0'
          && body[i + 4] == '0'
          && body[i + 5] == '0') {
        return true;
      }
    }
    return false;
  }

  private static void refuseNul(JsonNode node, String pointer) {
    if (node.isString() && node.stringValue().indexOf('\0') >= 0) {
      throw invalid(pointer, NUL_MESSAGE);
    }
    for (var field : node.properties()) {
      if (field.getKey().indexOf('\0') >= 0) {
        throw invalid(pointer, NUL_MESSAGE);
      }
      refuseNul(field.getValue(), pointer + "/" + field.getKey());
    }
    if (node.isArray()) {
      for (int i = 0; i < node.size(); i++) {
        refuseNul(node.get(i), pointer + "/" + i);
      }
    }
  }
}
