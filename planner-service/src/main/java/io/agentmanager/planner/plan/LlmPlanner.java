package io.agentmanager.planner.plan;

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
import dev.langchain4j.model.chat.request.json.JsonStringSchema;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.Problem.Fault;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.models.MeteredModel;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * A plan made by a model: structured output, checked by the same rules as any plan. An invalid one
 * goes back to the model with its faults, at most three times.
 */
public final class LlmPlanner {
  private static final int REPAIRS = 3;
  private static final int FAULTS_SHOWN = 20;
  private final MeteredModel model;

  /** Plans with this model. */
  public LlmPlanner(MeteredModel model) {
    this.model = model;
  }

  /** What came of it: the steps, or why there are none; and what it cost either way. */
  public record Outcome(@Nullable List<StepSpec> steps, @Nullable String why, Usage usage) {}

  private record Draft(@Nullable List<@Nullable StepSpec> tasks) {}

  private record Judged(List<StepSpec> steps, List<String> faults) {}

  /** Asks, checks, and asks again. Throws what the model's client throws. */
  public Outcome plan(TaskSubmission submission, SortedSet<String> capabilities) {
    List<ChatMessage> messages = new ArrayList<>();
    messages.add(SystemMessage.from(prompt("plan-system.txt")));
    messages.add(UserMessage.from(question(submission, capabilities)));
    Usage usage = Usage.NONE;
    List<String> faults = List.of();
    for (int round = 0; round <= REPAIRS; round++) {
      if (isSpent(submission.effectiveBudget(), usage)) {
        return new Outcome(null, "The budget was spent on planning.", usage);
      }
      MeteredModel.Answer answer = model.call(request(messages));
      usage = usage.plus(answer.usage());
      String text = answer.response().aiMessage().text();
      Judged judged = judge(text, capabilities);
      if (judged.faults().isEmpty()) {
        return new Outcome(judged.steps(), null, usage);
      }
      faults = judged.faults();
      messages.add(AiMessage.from(text == null || text.isBlank() ? "(no answer)" : text));
      messages.add(UserMessage.from(repair(faults)));
    }
    return new Outcome(
        null,
        "The model gave no valid plan in "
            + (REPAIRS + 1)
            + " answers. The last one: "
            + String.join("; ", faults),
        usage);
  }

  private static boolean isSpent(Budget budget, Usage usage) {
    boolean tokens =
        budget.maxTokens() != null
            && usage.inputTokens() + usage.outputTokens() >= budget.maxTokens();
    boolean cost = budget.maxCostUsd() != null && usage.costUsd() > budget.maxCostUsd();
    return tokens || cost;
  }

  private static Judged judge(@Nullable String text, SortedSet<String> capabilities) {
    if (text == null || text.isBlank()) {
      return new Judged(List.of(), List.of("the answer was empty"));
    }
    List<@Nullable StepSpec> steps;
    try {
      Draft draft = WireJson.mapper().readValue(unfenced(text), Draft.class);
      steps = draft.tasks() == null ? List.of() : draft.tasks();
    } catch (JacksonException e) {
      return new Judged(
          List.of(), List.of("the answer is not the JSON object: " + e.getOriginalMessage()));
    }
    List<String> faults =
        new ArrayList<>(PlanRules.faults(steps).stream().map(LlmPlanner::text).toList());
    List<StepSpec> sound = steps.stream().filter(java.util.Objects::nonNull).toList();
    if (!capabilities.isEmpty()) {
      sound.stream()
          .filter(step -> step.assignedAgent() != null)
          .filter(step -> !capabilities.contains(step.assignedAgent()))
          .forEach(
              step ->
                  faults.add(
                      step.stepId()
                          + ": no worker offers "
                          + step.assignedAgent()
                          + "; choose one of "
                          + capabilities));
    }
    return new Judged(sound, faults.stream().limit(FAULTS_SHOWN).toList());
  }

  /** Models often wrap JSON in a fence, whatever they are told. */
  private static String unfenced(String text) {
    String plain = text.strip();
    if (!plain.startsWith("```")) {
      return plain;
    }
    int begin = plain.indexOf('\n');
    int end = plain.lastIndexOf("```");
    return begin > 0 && end > begin ? plain.substring(begin, end) : plain;
  }

  private static String text(Fault fault) {
    return fault.pointer() + " " + fault.message();
  }

  private static String question(TaskSubmission submission, SortedSet<String> capabilities) {
    return "Capabilities: "
        + (capabilities.isEmpty() ? "researcher, writer, analyst" : String.join(", ", capabilities))
        + "\nComplexity: "
        + submission.effectiveComplexity()
        + "\n\nGoal:\n"
        + submission.description();
  }

  private static String repair(List<String> faults) {
    return faults.stream()
        .collect(
            Collectors.joining(
                "\n- ", "That plan is not valid:\n- ", "\nAnswer with the whole plan, corrected."));
  }

  private static ChatRequest request(List<ChatMessage> messages) {
    JsonObjectSchema step =
        JsonObjectSchema.builder()
            .addStringProperty("step_id")
            .addStringProperty("task_description")
            .addStringProperty("assigned_agent")
            .addProperty(
                "dependencies",
                JsonArraySchema.builder().items(JsonStringSchema.builder().build()).build())
            .required("step_id", "task_description", "assigned_agent", "dependencies")
            .additionalProperties(false)
            .build();
    JsonSchema schema =
        JsonSchema.builder()
            .name("plan")
            .rootElement(
                JsonObjectSchema.builder()
                    .addProperty("tasks", JsonArraySchema.builder().items(step).build())
                    .required("tasks")
                    .additionalProperties(false)
                    .build())
            .build();
    return ChatRequest.builder()
        .messages(List.copyOf(messages))
        .responseFormat(
            ResponseFormat.builder().type(ResponseFormatType.JSON).jsonSchema(schema).build())
        .build();
  }

  private static String prompt(String name) {
    try (InputStream file = LlmPlanner.class.getResourceAsStream("/prompts/" + name)) {
      if (file == null) {
        throw new IllegalStateException("prompt " + name + " is missing");
      }
      return new String(file.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
