package io.agentmanager.worker.agent;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.NonRetriableException;
import dev.langchain4j.model.chat.request.ChatRequest;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.models.MeteredModel;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.StepHandler;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * Runs a step with a chat model and tools: the model reasons and acts, sees what its action
 * brought, and goes on until it answers (S. Yao and others, "ReAct", 2022, with the model's own
 * tool calls). Every turn is recorded: thought, action, observation, usage and time.
 */
public final class ReasonActLoop implements StepHandler {
  private final MeteredModel model;
  private final Function<ClaimedTask, List<Object>> tools;
  private final InstantSource clock;

  /**
   * Makes a loop.
   *
   * @param tools objects with LangChain4j's {@code @Tool} methods, made for each step
   */
  public ReasonActLoop(MeteredModel model, Function<ClaimedTask, List<Object>> tools) {
    this(model, tools, InstantSource.system());
  }

  ReasonActLoop(
      MeteredModel model, Function<ClaimedTask, List<Object>> tools, InstantSource clock) {
    this.model = model;
    this.tools = tools;
    this.clock = clock;
  }

  @Override
  public Outcome handle(StepContext step) {
    return new Run(step, new Toolbox(tools.apply(step.task()))).toTheEnd();
  }

  private final class Run {
    private final StepContext step;
    private final Toolbox toolbox;
    private final List<ChatMessage> messages = new ArrayList<>();
    private Usage spent = Usage.NONE;
    private int index;

    Run(StepContext step, Toolbox toolbox) {
      this.step = step;
      this.toolbox = toolbox;
      messages.add(SystemMessage.from(StepPrompt.system()));
      messages.add(UserMessage.from(StepPrompt.user(step.task())));
    }

    Outcome toTheEnd() {
      while (index < step.task().maxIterations()) {
        if (step.isStopped() || Thread.currentThread().isInterrupted()) {
          return Outcome.failed("interrupted", "The attempt was stopped.");
        }
        if (isSpent(step.task().budget())) {
          return Outcome.failedForGood(
              "budget_exhausted", "The step's share of the budget is spent: " + spent + ".");
        }
        Instant began = clock.instant();
        MeteredModel.Answer answer;
        try {
          answer = model.call(request());
        } catch (NonRetriableException e) {
          return Outcome.failedForGood("model_refused", message(e));
        } catch (LangChain4jException e) {
          return Outcome.failed("model_error", message(e));
        }
        spent = spent.plus(answer.usage());
        AiMessage said = answer.response().aiMessage();
        if (!said.hasToolExecutionRequests()) {
          return answered(said, answer.usage(), began);
        }
        act(said, answer.usage(), began);
      }
      return Outcome.failedForGood(
          "iteration_limit", "No answer within " + step.task().maxIterations() + " iterations.");
    }

    private ChatRequest request() {
      return ChatRequest.builder()
          .messages(List.copyOf(messages))
          .toolSpecifications(toolbox.specifications())
          .build();
    }

    private Outcome answered(AiMessage said, Usage usage, Instant began) {
      String text = said.text();
      if (text == null || text.isBlank()) {
        messages.add(AiMessage.from("(no answer)"));
        messages.add(UserMessage.from("That answer was empty. Give the result."));
        record("The answer was empty.", null, "", usage, began);
        return index < step.task().maxIterations()
            ? toTheEnd()
            : Outcome.failed("empty_answer", "The model gave no answer.");
      }
      record("The answer is ready.", null, "", usage, began);
      return Outcome.completed(text);
    }

    private void act(AiMessage said, Usage usage, Instant began) {
      messages.add(said);
      Usage share = usage;
      for (ToolExecutionRequest call : said.toolExecutionRequests()) {
        String observation = toolbox.run(call);
        messages.add(ToolExecutionResultMessage.from(call, observation));
        record(
            said.text(),
            new Iteration.Action(call.name(), arguments(call)),
            observation,
            share,
            began);
        share = Usage.NONE;
      }
    }

    private void record(
        @Nullable String thought,
        Iteration.@Nullable Action action,
        String observation,
        Usage usage,
        Instant began) {
      long tookMs = clock.instant().toEpochMilli() - began.toEpochMilli();
      Iteration.TokenUsage tokens =
          usage.equals(Usage.NONE)
              ? null
              : new Iteration.TokenUsage(
                  usage.inputTokens(), usage.outputTokens(), usage.costUsd(), model.name());
      step.record(new Iteration(index, thought, action, observation, tokens, began, tookMs));
      index++;
    }

    private boolean isSpent(Budget budget) {
      return (budget.maxTokens() != null
              && spent.inputTokens() + spent.outputTokens() >= budget.maxTokens())
          || (budget.maxCostUsd() != null
              && spent.costUsd() >= budget.maxCostUsd()
              && spent.costUsd() > 0);
    }
  }

  private static @Nullable JsonNode arguments(ToolExecutionRequest call) {
    try {
      return WireJson.mapper().readTree(Objects.requireNonNullElse(call.arguments(), "{}"));
    } catch (JacksonException e) {
      return WireJson.mapper().valueToTree(call.arguments());
    }
  }

  private static String message(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
