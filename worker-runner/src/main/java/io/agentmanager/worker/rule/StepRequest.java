package io.agentmanager.worker.rule;

import io.agentmanager.worker.agent.StepPrompt;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a step's prompt asks for, as far as rules can see.
 *
 * @param task the description
 * @param results what earlier steps came to
 * @param filesToRead named anywhere in the task, its files or the notes, and not to be written
 * @param filesToWrite listed as written
 */
record StepRequest(
    String task, Map<String, String> results, Set<String> filesToRead, Set<String> filesToWrite) {
  private static final Pattern PATH =
      Pattern.compile(
          "(?<![\\w/.-])(?:[\\w.-]+/)*[\\w-][\\w.-]*"
              + "\\.(?:md|txt|rst|adoc|csv|json|ya?ml|log|html?|properties)\\b");
  private static final Pattern LISTED =
      Pattern.compile("^- (.+) \\((read|write)\\)$", Pattern.MULTILINE);
  private static final Pattern RESULT = Pattern.compile("^## (.+)$", Pattern.MULTILINE);

  static StepRequest parse(String prompt) {
    Map<String, String> parts = parts(prompt);
    Set<String> write = new LinkedHashSet<>();
    Set<String> read = new LinkedHashSet<>();
    Matcher listed = LISTED.matcher(parts.getOrDefault(StepPrompt.FILES, ""));
    while (listed.find()) {
      (listed.group(2).equals("write") ? write : read).add(listed.group(1));
    }
    addPaths(parts.getOrDefault(StepPrompt.TASK, ""), read);
    addPaths(parts.getOrDefault(StepPrompt.NOTES, ""), read);
    read.removeAll(write);
    return new StepRequest(
        parts.getOrDefault(StepPrompt.TASK, "").strip(),
        results(parts.getOrDefault(StepPrompt.RESULTS, "")),
        read,
        write);
  }

  private static Map<String, String> parts(String prompt) {
    Map<String, String> parts = new LinkedHashMap<>();
    StringBuilder text = new StringBuilder();
    String heading = "";
    Set<String> headings =
        Set.of(
            StepPrompt.TASK,
            StepPrompt.FILES,
            StepPrompt.INPUT,
            StepPrompt.RESULTS,
            StepPrompt.FORM,
            StepPrompt.NOTES,
            StepPrompt.PREVIOUS);
    for (String line : prompt.split("\n", -1)) {
      if (headings.contains(line)) {
        parts.put(heading, text.toString());
        heading = line;
        text = new StringBuilder();
      } else {
        text.append(line).append('\n');
      }
    }
    parts.put(heading, text.toString());
    return parts;
  }

  private static Map<String, String> results(String text) {
    Map<String, String> results = new LinkedHashMap<>();
    Matcher heading = RESULT.matcher(text);
    String name = null;
    int from = 0;
    while (heading.find()) {
      if (name != null) {
        results.put(name, text.substring(from, heading.start()).strip());
      }
      name = heading.group(1);
      from = heading.end();
    }
    if (name != null) {
      results.put(name, text.substring(from).strip());
    }
    return results;
  }

  private static void addPaths(String text, Set<String> paths) {
    Matcher path = PATH.matcher(text);
    while (path.find()) {
      paths.add(path.group());
    }
  }
}
