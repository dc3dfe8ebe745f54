package io.agentmanager.worker.agent;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.Checks;
import io.agentmanager.contracts.api.ClaimedTask;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What a model is told of a step. */
public final class StepPrompt {
  /** Headings of the parts, in the order in which they stand. */
  public static final String TASK = "# Task";

  public static final String FILES = "# Files of this step";
  public static final String INPUT = "# Input";
  public static final String RESULTS = "# Results of earlier steps";
  public static final String FORM = "# Form of the answer";
  public static final String NOTES = "# Notes from the audit of your last result";
  public static final String PREVIOUS = "# Your last result";

  private StepPrompt() {}

  static String system(String instructions, String protocol) {
    return Stream.of(resource("system.txt"), instructions, protocol)
        .map(String::strip)
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining("\n\n"));
  }

  static String resource(String name) {
    try (InputStream file = StepPrompt.class.getResourceAsStream(name)) {
      if (file == null) {
        throw new IllegalStateException("the agent's prompt " + name + " is missing");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String user(ClaimedTask task, Map<String, String> results) {
    StringBuilder prompt = new StringBuilder();
    part(prompt, TASK, task.taskDescription());
    part(
        prompt,
        FILES,
        task.fileDependencies().stream()
            .map(f -> "- " + f + " (" + access(task, f) + ")")
            .collect(Collectors.joining("\n")));
    part(prompt, INPUT, task.input() == null ? "" : task.input().toString());
    part(
        prompt,
        RESULTS,
        results.entrySet().stream()
            .map(e -> "## " + e.getKey() + "\n" + e.getValue())
            .collect(Collectors.joining("\n\n")));
    part(prompt, FORM, form(task.checks()));
    part(
        prompt,
        NOTES,
        task.reworkNotes().stream().map(n -> "- " + n).collect(Collectors.joining("\n")));
    part(prompt, PREVIOUS, task.previousResult() == null ? "" : task.previousResult());
    return prompt.toString().strip();
  }

  private static String form(@Nullable Checks checks) {
    if (checks == null) {
      return "";
    }
    List<String> demands = new ArrayList<>();
    if (checks.schema() != null) {
      demands.add("Answer with JSON alone, that fits this JSON Schema:\n" + checks.schema());
    }
    if (checks.minLength() != null) {
      demands.add("At least " + checks.minLength() + " characters.");
    }
    if (checks.maxLength() != null) {
      demands.add("At most " + checks.maxLength() + " characters.");
    }
    if (checks.pattern() != null) {
      demands.add("It contains a match of the regular expression " + checks.pattern());
    }
    if (checks.mustCite() != null) {
      checks.mustCite().forEach(source -> demands.add("It cites [" + source + "]."));
    }
    return String.join("\n", demands);
  }

  private static String access(ClaimedTask task, String file) {
    return switch (task.fileAccessTypes().getOrDefault(file, AccessType.READ)) {
      case READ -> "read";
      case WRITE, EXCLUSIVE -> "write";
    };
  }

  private static void part(StringBuilder prompt, String heading, String text) {
    if (!text.isBlank()) {
      prompt.append(heading).append('\n').append(text).append("\n\n");
    }
  }
}
