package io.agentmanager.worker.agent;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.ClaimedTask;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;

/** What a model is told of a step. */
public final class StepPrompt {
  /** Headings of the parts, in the order in which they stand. */
  public static final String TASK = "# Task";

  public static final String FILES = "# Files of this step";
  public static final String INPUT = "# Input";
  public static final String RESULTS = "# Results of earlier steps";
  public static final String NOTES = "# Notes from the audit of your last result";
  public static final String PREVIOUS = "# Your last result";

  private StepPrompt() {}

  static String system() {
    try (InputStream file = StepPrompt.class.getResourceAsStream("system.txt")) {
      if (file == null) {
        throw new IllegalStateException("the agent's prompt is missing");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String user(ClaimedTask task) {
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
        task.dependencyResults().entrySet().stream()
            .map(e -> "## " + e.getKey() + "\n" + e.getValue())
            .collect(Collectors.joining("\n\n")));
    part(
        prompt,
        NOTES,
        task.reworkNotes().stream().map(n -> "- " + n).collect(Collectors.joining("\n")));
    part(prompt, PREVIOUS, task.previousResult() == null ? "" : task.previousResult());
    return prompt.toString().strip();
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
