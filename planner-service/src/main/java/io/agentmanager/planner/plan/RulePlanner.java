package io.agentmanager.planner.plan;

import io.agentmanager.contracts.api.StepSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A plan from the structure of the request alone, by fixed rules: numbered or bulleted items side
 * by side, "then" in sequence, else one step. Text before the items is told to every item; text
 * after them is a step of its own that waits for all.
 */
public final class RulePlanner {
  private static final Pattern ITEM = Pattern.compile("^\\s*(?:[-*\u2022]|\\d{1,3}[.)])\\s+(.+)$");
  private static final Pattern THEN =
      Pattern.compile(
          "(?i)(?:[.;,]\\s*|\\s+)(?:and\\s+)?(?:then|afterwards|after that)\\b[,:]?\\s+");
  private static final Pattern LEADING_THEN =
      Pattern.compile("(?i)^(?:and\\s+)?(?:then|finally|afterwards|after that)\\b[,:]?\\s*");
  private static final Set<String> WRITING =
      Set.of("write", "draft", "summarise", "summarize", "summary", "report", "compose", "rewrite");
  private static final Set<String> ANALYSIS =
      Set.of("analyse", "analyze", "compare", "evaluate", "assess", "calculate", "review");
  private static final int MOST_ITEMS = 200;

  private final SortedSet<String> capabilities;
  private final List<StepSpec> steps = new ArrayList<>();

  private RulePlanner(SortedSet<String> capabilities) {
    this.capabilities = capabilities;
  }

  /**
   * Plans.
   *
   * @param capabilities what the registered workers offer; a step gets one of them where any is
   *     known
   */
  public static List<StepSpec> plan(String request, SortedSet<String> capabilities) {
    return new RulePlanner(capabilities).plan(request);
  }

  private List<StepSpec> plan(String request) {
    Outline outline = Outline.of(request);
    if (outline.items().size() < 2 || outline.items().size() > MOST_ITEMS) {
      chain(request.strip(), "", List.of(), "step");
      return List.copyOf(steps);
    }
    List<String> ends = new ArrayList<>();
    for (int i = 0; i < outline.items().size(); i++) {
      ends.add(chain(outline.items().get(i), outline.before(), List.of(), "item-" + (i + 1)));
    }
    if (!outline.after().isEmpty()) {
      String last = LEADING_THEN.matcher(outline.after()).replaceFirst("");
      chain(last, "", ends, "finish");
    }
    return List.copyOf(steps);
  }

  /** The parts of a text that "then" divides, each after the one before; returns the last id. */
  private String chain(String text, String context, List<String> after, String name) {
    List<String> parts = parts(text);
    List<String> dependencies = after;
    String id = name;
    for (int i = 0; i < parts.size(); i++) {
      id = parts.size() == 1 ? name : name + "-" + (i + 1);
      String what = parts.get(i);
      String description = context.isEmpty() ? what : context + "\n\n" + what;
      steps.add(StepSpec.of(id, description, capability(what), dependencies));
      dependencies = List.of(id);
    }
    return id;
  }

  /** Never empty: a text of nothing but connectives is taken as it is. */
  private static List<String> parts(String text) {
    List<String> parts =
        THEN.splitAsStream(LEADING_THEN.matcher(text).replaceFirst(""))
            .map(String::strip)
            .filter(part -> !part.isEmpty())
            .toList();
    return parts.isEmpty() ? List.of(text.strip()) : parts;
  }

  private String capability(String description) {
    List<String> words = List.of(description.toLowerCase(Locale.ENGLISH).split("[^\\p{L}]+"));
    String wanted = "researcher";
    if (words.stream().anyMatch(WRITING::contains)) {
      wanted = "writer";
    } else if (words.stream().anyMatch(ANALYSIS::contains)) {
      wanted = "analyst";
    }
    return capabilities.isEmpty() || capabilities.contains(wanted) ? wanted : capabilities.first();
  }

  private record Outline(String before, List<String> items, String after) {
    static Outline of(String request) {
      StringBuilder before = new StringBuilder();
      StringBuilder after = new StringBuilder();
      List<String> items = new ArrayList<>();
      for (String line : request.split("\\R", -1)) {
        Matcher item = ITEM.matcher(line);
        if (item.matches()) {
          items.add(item.group(1).strip());
        } else {
          (items.isEmpty() ? before : after).append(line.strip()).append('\n');
        }
      }
      return new Outline(before.toString().strip(), items, after.toString().strip());
    }
  }
}
