package io.agentmanager.audit.model;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonArraySchema;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import io.agentmanager.audit.Verdict;
import io.agentmanager.contracts.api.AuditReport.Suggestion;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.internal.WorkflowMaterial;
import io.agentmanager.contracts.internal.WorkflowMaterial.StepMaterial;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.models.MeteredModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/** A model's judgement. An answer of the wrong form goes back with what is wrong, three times. */
public final class LlmAudit {
  private static final int REPAIRS = 3;
  private static final int LONGEST_RESULT = 8_000;
  private final MeteredModel model;

  /** Judges with this model. */
  public LlmAudit(MeteredModel model) {
    this.model = model;
  }

  private record Draft(
      @Nullable Boolean isSuccessful,
      @Nullable String feedback,
      @Nullable Double confidenceScore,
      @Nullable List<Suggestion> reworkSuggestions) {}

  /**
   * Judges; not passed, and not to be mended, when no answer had the right form. Throws what the
   * model's client throws.
   */
  public Verdict judge(WorkflowMaterial material) {
    Set<String> known =
        material.steps().stream().map(s -> s.spec().stepId()).collect(Collectors.toSet());
    List<ChatMessage> messages = new ArrayList<>();
    messages.add(SystemMessage.from(prompt()));
    messages.add(UserMessage.from(question(material)));
    Usage usage = Usage.NONE;
    String fault = "";
    for (int round = 0; round <= REPAIRS; round++) {
      MeteredModel.Answer answer = model.call(request(messages));
      usage = usage.plus(answer.usage());
      String text = Objects.requireNonNullElse(answer.response().aiMessage().text(), "");
      try {
        return verdict(WireJson.mapper().readValue(text, Draft.class), known, usage);
      } catch (JacksonException | IllegalArgumentException e) {
        fault = String.valueOf(e.getMessage());
        messages.add(AiMessage.from(text.isBlank() ? "(no answer)" : text));
        messages.add(
            UserMessage.from("That answer is not valid: " + fault + ". Answer again, corrected."));
      }
    }
    // Asked again later it would cost as much again, and what it cost is to count.
    return new Verdict(
        false,
        "The audit could not be done: the model gave no valid verdict: " + fault,
        List.of(),
        0,
        false,
        usage);
  }

  private static Verdict verdict(Draft draft, Set<String> known, Usage usage) {
    List<Suggestion> suggestions =
        draft.reworkSuggestions() == null ? List.of() : draft.reworkSuggestions();
    if (draft.isSuccessful() == null || draft.feedback() == null) {
      throw new IllegalArgumentException("is_successful and feedback are required");
    }
    for (Suggestion suggestion : suggestions) {
      if (!known.contains(suggestion.stepId()) || suggestion.note() == null) {
        throw new IllegalArgumentException(
            "there is no step " + suggestion.stepId() + ", or its note is missing");
      }
    }
    boolean passed = draft.isSuccessful();
    if (!passed && suggestions.isEmpty()) {
      throw new IllegalArgumentException("rework_suggestions must name a step");
    }
    double confidence = draft.confidenceScore() == null ? 0 : draft.confidenceScore();
    return new Verdict(
        passed,
        draft.feedback(),
        passed ? List.of() : suggestions,
        Math.clamp(confidence, 0, 1),
        true,
        usage);
  }

  private static String question(WorkflowMaterial material) {
    StringBuilder question = new StringBuilder("Goal:\n").append(material.description());
    for (StepMaterial step : material.steps()) {
      String result = Objects.requireNonNullElse(step.finalResult(), "(none)");
      question
          .append("\n\nStep ")
          .append(step.spec().stepId())
          .append(" (")
          .append(step.status())
          .append("): ")
          .append(step.spec().taskDescription())
          .append("\nResult:\n")
          .append(
              result.length() <= LONGEST_RESULT
                  ? result
                  : result.substring(0, LONGEST_RESULT) + " [cut]");
    }
    return question.toString();
  }

  private static ChatRequest request(List<ChatMessage> messages) {
    JsonObjectSchema suggestion =
        JsonObjectSchema.builder()
            .addStringProperty("step_id")
            .addStringProperty("note")
            .required("step_id", "note")
            .additionalProperties(false)
            .build();
    JsonObjectSchema verdict =
        JsonObjectSchema.builder()
            .addBooleanProperty("is_successful")
            .addStringProperty("feedback")
            .addNumberProperty("confidence_score")
            .addProperty("rework_suggestions", JsonArraySchema.builder().items(suggestion).build())
            .required("is_successful", "feedback", "confidence_score", "rework_suggestions")
            .additionalProperties(false)
            .build();
    return ChatRequest.builder()
        .messages(List.copyOf(messages))
        .responseFormat(
            ResponseFormat.builder()
                .type(ResponseFormatType.JSON)
                .jsonSchema(JsonSchema.builder().name("audit").rootElement(verdict).build())
                .build())
        .build();
  }

  private static String prompt() {
    try (InputStream file = LlmAudit.class.getResourceAsStream("/prompts/audit-system.txt")) {
      if (file == null) {
        throw new IllegalStateException("the audit prompt is missing");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
