package io.agentmanager.task.write;

import io.agentmanager.contracts.api.Iteration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.StringNode;

/**
 * What the journal tells of an iteration: long texts by their beginning, the whole is in its table.
 */
final class IterationBrief {
  private static final int EXCERPT = 500;

  private IterationBrief() {}

  static Map<String, Object> of(Iteration iteration) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("index", iteration.index());
    putExcerpt(data, "thought", iteration.thought());
    if (iteration.action() != null) {
      data.put("action", brief(iteration.action()));
    }
    putExcerpt(data, "observation", iteration.observation());
    if (iteration.usage() != null) {
      data.put("usage", iteration.usage());
    }
    if (iteration.durationMs() != null) {
      data.put("duration_ms", iteration.durationMs());
    }
    return data;
  }

  /** Long arguments as the beginning of their text. */
  private static Iteration.Action brief(Iteration.Action action) {
    String arguments = String.valueOf(action.arguments());
    return arguments.length() <= EXCERPT
        ? action
        : new Iteration.Action(action.tool(), StringNode.valueOf(excerpt(arguments)));
  }

  private static String excerpt(String text) {
    return text.length() <= EXCERPT ? text : text.substring(0, EXCERPT) + " […]";
  }

  private static void putExcerpt(Map<String, Object> data, String name, @Nullable String text) {
    if (text != null) {
      data.put(name, excerpt(text));
    }
  }
}
