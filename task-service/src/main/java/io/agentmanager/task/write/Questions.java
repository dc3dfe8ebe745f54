package io.agentmanager.task.write;

import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What the history tells of a question that an attempt asks a person. */
final class Questions {
  private static final int LONGEST = 500;

  private Questions() {}

  /** The question's own sentence, or the tool that it is about, in 500 characters. */
  static String brief(@Nullable ObjectNode asked) {
    if (asked == null) {
      return "";
    }
    String text = asked.path("question").asString("");
    String brief = text.isBlank() ? asked.path("tool").asString("") : text;
    return brief.length() <= LONGEST ? brief : brief.substring(0, LONGEST);
  }
}
