package io.agentmanager.worker.rule;

import io.agentmanager.models.extract.SentenceExtractor;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** An answer made of quotations: nothing is stated that does not stand in a source. */
final class Composition {
  private static final int SENTENCES = 6;

  private Composition() {}

  static String compose(StepRequest step, Map<String, String> read) {
    if (!read.isEmpty()) {
      return step.filesToWrite().isEmpty() ? extracts(step, read) : report(step, read);
    }
    if (!step.results().isEmpty()) {
      return step.results().entrySet().stream()
          .map(e -> "## " + e.getKey() + "\n\n" + e.getValue())
          .collect(Collectors.joining("\n\n"));
    }
    return "No model is configured, and the task names no file that could be read, so there is "
        + "nothing that rules could extract. The task was: "
        + step.task();
  }

  private static String extracts(StepRequest step, Map<String, String> read) {
    return read.entrySet().stream()
        .map(source -> quotations(step, source.getKey(), source.getValue()))
        .collect(Collectors.joining("\n\n"));
  }

  private static String report(StepRequest step, Map<String, String> read) {
    String sections =
        read.entrySet().stream()
            .map(
                source ->
                    "## "
                        + source.getKey()
                        + "\n\n"
                        + quotations(step, source.getKey(), source.getValue()))
            .collect(Collectors.joining("\n\n"));
    String sources =
        read.keySet().stream().map(s -> "- [" + s + "]").collect(Collectors.joining("\n"));
    return "# Report\n\n"
        + "Made by rules, without a model: the sentences that say most about the task, word"
        + " for word.\n\n"
        + sections
        + "\n\n## Sources\n\n"
        + sources
        + "\n";
  }

  private static String quotations(StepRequest step, String source, String text) {
    List<String> sentences = SentenceExtractor.extract(text, step.task(), SENTENCES);
    return sentences.isEmpty()
        ? "- Nothing in it forms a sentence. [" + source + "]"
        : sentences.stream()
            .map(sentence -> "- \"" + sentence + "\" [" + source + "]")
            .collect(Collectors.joining("\n"));
  }
}
