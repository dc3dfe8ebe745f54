package io.agentmanager.worker;

import io.agentmanager.contracts.api.Iteration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.node.StringNode;

/**
 * Texts as the server takes them: no database keeps U+0000, and half a surrogate pair is no
 * character. Models and tools produce both, and neither may cost a result.
 */
final class Sendable {
  private static final char REPLACEMENT = '\uFFFD';
  private static final String UNNAMED = "(unnamed)";

  private Sendable() {}

  /** The text with what cannot be sent replaced by U+FFFD. */
  static String text(String text) {
    StringBuilder mended = new StringBuilder(text);
    for (int i = 0; i < mended.length(); i++) {
      char at = mended.charAt(i);
      boolean pair =
          Character.isHighSurrogate(at)
              && i + 1 < mended.length()
              && Character.isLowSurrogate(mended.charAt(i + 1));
      if (pair) {
        i++;
      } else if (at == 0 || Character.isSurrogate(at)) {
        mended.setCharAt(i, REPLACEMENT);
      }
    }
    return mended.toString();
  }

  /** The beginning of a text, of so many characters at most; no pair is parted. */
  static String cut(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    return text.substring(0, Character.isHighSurrogate(text.charAt(most - 1)) ? most - 1 : most);
  }

  static ObjectNode object(ObjectNode object) {
    ObjectNode mended = JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> field : object.properties()) {
      mended.set(text(field.getKey()), json(field.getValue()));
    }
    return mended;
  }

  private static JsonNode json(JsonNode node) {
    return switch (node) {
      case ObjectNode object -> object(object);
      case ArrayNode array -> {
        ArrayNode mended = JsonNodeFactory.instance.arrayNode();
        array.forEach(element -> mended.add(json(element)));
        yield mended;
      }
      case StringNode string -> StringNode.valueOf(text(string.asString()));
      default -> node;
    };
  }

  static Iteration iteration(Iteration turn) {
    Iteration.Action action = turn.action();
    return new Iteration(
        turn.index(),
        optional(turn.thought()),
        action == null ? null : action(action),
        optional(turn.observation()),
        turn.usage(),
        turn.startedAt(),
        turn.durationMs(),
        turn.end());
  }

  private static Iteration.Action action(Iteration.Action action) {
    JsonNode arguments = action.arguments();
    String tool = text(action.tool());
    return new Iteration.Action(
        tool.isBlank() ? UNNAMED : tool, arguments == null ? null : json(arguments));
  }

  private static @Nullable String optional(@Nullable String text) {
    return text == null ? null : text(text);
  }
}
