package io.agentmanager.audit.rule;

import io.agentmanager.contracts.api.Iteration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Whether a result cites what it must: each source as {@code [source]}, and each quotation right
 * before such a citation word for word as the attempt's own iterations read it from that source.
 * White space counts as one space, since lines are wrapped differently everywhere.
 */
final class Citations {
  private static final int SHOWN = 80;

  private Citations() {}

  static List<String> faults(String result, List<String> sources, List<Iteration> iterations) {
    List<String> faults = new ArrayList<>();
    for (String source : sources) {
      if (!result.contains("[" + source + "]")) {
        faults.add("The result must cite [" + source + "].");
      } else {
        checkQuotations(result, source, textReadFrom(source, iterations), faults);
      }
    }
    return faults;
  }

  private static void checkQuotations(
      String result, String source, String read, List<String> faults) {
    Pattern quoted =
        Pattern.compile(
            "(?:\"([^\"]+)\"|\u201c([^\u201d]+)\u201d)[\\s.,;:]*\\["
                + Pattern.quote(source)
                + "\\]");
    Matcher quotation = quoted.matcher(result);
    while (quotation.find()) {
      String words = quotation.group(1) == null ? quotation.group(2) : quotation.group(1);
      if (!read.contains(flat(Objects.requireNonNull(words)))) {
        faults.add(
            "The quotation \""
                + brief(words)
                + "\" is not what was read from ["
                + source
                + "]; quote word for word.");
      }
    }
  }

  /** What iterations observed whose action named the source as one of its arguments. */
  private static String textReadFrom(String source, List<Iteration> iterations) {
    StringBuilder read = new StringBuilder();
    for (Iteration iteration : iterations) {
      Iteration.Action action = iteration.action();
      if (action != null && iteration.observation() != null && names(action.arguments(), source)) {
        read.append(flat(iteration.observation())).append('\n');
      }
    }
    return read.toString();
  }

  private static boolean names(@Nullable JsonNode arguments, String source) {
    if (arguments == null) {
      return false;
    }
    if (arguments.isString()) {
      return normal(arguments.stringValue()).equals(normal(source));
    }
    for (JsonNode value : arguments.values()) {
      if (names(value, source)) {
        return true;
      }
    }
    return false;
  }

  private static String normal(String path) {
    return path.startsWith("./") ? path.substring(2) : path;
  }

  private static String flat(String text) {
    return text.replaceAll("\\s+", " ").strip();
  }

  private static String brief(String words) {
    return words.length() <= SHOWN ? words : words.substring(0, SHOWN) + "\u2026";
  }
}
