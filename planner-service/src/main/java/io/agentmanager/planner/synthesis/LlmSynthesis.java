package io.agentmanager.planner.synthesis;

import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.internal.SynthesisDocument;
import io.agentmanager.contracts.internal.WorkflowMaterial;
import io.agentmanager.jobs.JobKey;
import io.agentmanager.models.MeteredModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** An answer written by a model from what the last steps came to. */
final class LlmSynthesis {
  private final MeteredModel model;

  LlmSynthesis(MeteredModel model) {
    this.model = model;
  }

  SynthesisDocument synthesize(JobKey key, WorkflowMaterial material) {
    if (isSpent(material)) {
      return SynthesizeWorkflow.Answers.extract(key, material);
    }
    List<WorkflowMaterial.StepMaterial> sinks = SynthesizeWorkflow.Answers.sinks(material);
    MeteredModel.Answer answer =
        model.call(
            ChatRequest.builder()
                .messages(SystemMessage.from(prompt()), UserMessage.from(question(material, sinks)))
                .build());
    String text = answer.response().aiMessage().text();
    if (text == null || text.isBlank()) {
      return SynthesizeWorkflow.Answers.none(key, "The model gave no answer.", answer.usage());
    }
    return new SynthesisDocument(
        key.workflow().workflow().value(),
        key.cycle(),
        text,
        sinks.stream().map(sink -> sink.spec().stepId()).toList(),
        null,
        answer.usage());
  }

  private static boolean isSpent(WorkflowMaterial material) {
    Budget budget = material.budget();
    long tokens = material.usage().inputTokens() + material.usage().outputTokens();
    return (budget.maxTokens() != null && tokens >= budget.maxTokens())
        || (budget.maxCostUsd() != null && material.usage().costUsd() >= budget.maxCostUsd());
  }

  private static String question(
      WorkflowMaterial material, List<WorkflowMaterial.StepMaterial> sinks) {
    StringBuilder question = new StringBuilder("Goal:\n").append(material.description());
    for (WorkflowMaterial.StepMaterial sink : sinks) {
      question
          .append("\n\nResult of ")
          .append(sink.spec().stepId())
          .append(" (")
          .append(sink.spec().taskDescription())
          .append("):\n")
          .append(SynthesizeWorkflow.Answers.text(sink));
    }
    return question.toString();
  }

  private static String prompt() {
    try (InputStream file =
        LlmSynthesis.class.getResourceAsStream("/prompts/synthesis-system.txt")) {
      if (file == null) {
        throw new IllegalStateException("the synthesis prompt is missing");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
