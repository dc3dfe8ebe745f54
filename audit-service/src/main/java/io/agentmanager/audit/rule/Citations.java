package io.agentmanager.audit.rule;

import io.agentmanager.contracts.api.Iteration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Whether a result cites what it must: each source as {@code [source]}, and each quotation that
 * carries such a citation (it stands before it on the line, with no other citation between) word
 * for word as the attempt's own iterations read it from that source. White space counts as one
 * space, since lines are wrapped differently everywhere.
 */
final class Citations {
  private static final int SHOWN = 80;

  private Citations() {}

  private static final Pattern CITATION = Pattern.compile("\\[([^\\[\\]\\n]+)]");
  private static final Pattern QUOTATION =
      Pattern.compile("\"([^\"\\n]+)\"|\u201c([^\u201d\\n]+)\u201d|\u00ab([^\u00bb\\n]+)\u00bb");
  private static final Pattern BETWEEN_CITATIONS =
      Pattern.compile("[\\s,;&]*+(?:and|or)?[\\s,;&]*+");

  static List<String> faults(String result, List<String> sources, List<Iteration> iterations) {
    List<String> faults = new ArrayList<>();
    sources.stream()
        .filter(source -> !result.contains("[" + source + "]"))
        .forEach(source -> faults.add("The result must cite [" + source + "]."));
    for (String line : result.split("\\R", -1)) {
      for (Group group : groups(line)) {
        if (group.sources().stream().anyMatch(sources::contains)) {
          checkQuotations(group, iterations, faults);
        }
      }
    }
    return faults;
  }

  /**
   * Citations that stand together, and the text before them.
   *
   * @param text from the citations before, or from the beginning of the line
   */
  private record Group(String text, List<String> sources) {}

  private static List<Group> groups(String line) {
    List<Group> groups = new ArrayList<>();
    Matcher citation = CITATION.matcher(line);
    int end = 0;
    while (citation.find()) {
      String before = line.substring(end, citation.start());
      if (!groups.isEmpty() && BETWEEN_CITATIONS.matcher(before).matches()) {
        groups.getLast().sources().add(citation.group(1));
      } else {
        groups.add(new Group(before, new ArrayList<>(List.of(citation.group(1)))));
      }
      end = citation.end();
    }
    return groups;
  }

  private static void checkQuotations(
      Group group, List<Iteration> iterations, List<String> faults) {
    StringBuilder read = new StringBuilder();
    group.sources().forEach(source -> read.append(textReadFrom(source, iterations)));
    Matcher quotation = QUOTATION.matcher(group.text());
    while (quotation.find()) {
      String words =
          Stream.of(quotation.group(1), quotation.group(2), quotation.group(3))
              .filter(Objects::nonNull)
              .findFirst()
              .orElse("");
      if (read.indexOf(flat(words)) < 0) {
        faults.add(
            "The quotation \""
                + brief(words)
                + "\" is not what was read from "
                + group.sources()
                + "; quote word for word.");
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
