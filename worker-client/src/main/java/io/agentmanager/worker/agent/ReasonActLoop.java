package io.agentmanager.worker.agent;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.exception.LangChain4jException;
import dev.langchain4j.exception.NonRetriableException;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.output.FinishReason;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.models.MeteredModel;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/** One run of an agent: from the step, or from where an earlier attempt got, to an outcome. */
final class ReasonActLoop {
  private final StepContext step;
  private final MeteredModel model;
  private final Toolbox toolbox;
  private final Speech speech;
  private final AgentLimits limits;
  private final Conversation conversation;
  private final Allowance allowance;
  private final Calls calls;
  private final Actions actions;
  private Usage spent = Usage.NONE;
  private long nextInput;
  private int repairs;

  ReasonActLoop(
      StepContext step,
      MeteredModel model,
      Toolbox toolbox,
      Speech speech,
      Conversation conversation,
      AgentLimits limits) {
    this.step = step;
    this.model = model;
    this.toolbox = toolbox;
    this.speech = speech;
    this.limits = limits;
    this.conversation = conversation;
    this.allowance = new Allowance(step.task().budget(), model.price());
    this.calls = new Calls(step, toolbox, conversation);
    this.actions = new Actions(step, toolbox, conversation, calls, limits.sameAction());
  }

  /** A turn of the model that is not recorded yet: what it cost, and when it began. */
  private record Turn(MeteredModel.Answer answer, Instant began) {}

  Outcome run() throws InterruptedException {
    Optional<Outcome> end = actions.resume();
    nextInput = conversation.tokens();
    while (end.isEmpty()) {
      end = turn();
    }
    return end.get();
  }

  private Optional<Outcome> turn() throws InterruptedException {
    Optional<Outcome> brake = brake();
    if (brake.isPresent()) {
      return brake;
    }
    Turn turn;
    try {
      Instant began = step.now();
      turn = new Turn(model.call(request(), new LiveText(step, step.nextIndex())), began);
    } catch (NonRetriableException e) {
      return Optional.of(Outcome.failedForGood("model_refused", message(e)));
    } catch (LangChain4jException e) {
      return Optional.of(Outcome.failed("model_error", message(e)));
    }
    spend(turn.answer());
    return isCutOff(turn.answer())
        ? repair(turn, text(turn), "The answer was cut off: it was too long. Give a shorter one.")
        : follow(turn);
  }

  private Optional<Outcome> follow(Turn turn) throws InterruptedException {
    return switch (speech.read(turn.answer().response().aiMessage())) {
      case Speech.Said.Malformed said -> repair(turn, said.text(), said.fault());
      case Speech.Said.Answer said -> answered(turn, said.text());
      case Speech.Said.Calls said -> act(turn, said.thought(), said.calls());
    };
  }

  private Optional<Outcome> act(Turn turn, String thought, List<ToolExecutionRequest> calls)
      throws InterruptedException {
    int left = step.task().maxIterations() - step.nextIndex();
    if (calls.size() > left) {
      record(turn, thought, "Not carried out: too few iterations are left.");
      return Optional.of(
          Outcome.failedForGood(
              "iteration_limit",
              "The model asked for "
                  + calls.size()
                  + " actions with "
                  + left
                  + " of "
                  + step.task().maxIterations()
                  + " iterations left."));
    }
    long before = conversation.tokens();
    Optional<Outcome> end = actions.carryOut(thought, calls, usage(turn), turn.began());
    nextInput += conversation.tokens() - before;
    return end;
  }

  private Optional<Outcome> answered(Turn turn, String text) {
    String answer = FinalAnswer.bare(text, step.task().checks());
    Optional<String> fault = FinalAnswer.fault(answer, step.task().checks());
    if (fault.isPresent()) {
      return repair(turn, answer, fault.get());
    }
    record(turn, "The answer is ready.", "");
    return Optional.of(Outcome.completed(answer));
  }

  /** What is no answer is sent back with the reason, so often and no more. */
  private Optional<Outcome> repair(Turn turn, String said, String fault) {
    record(turn, said, fault);
    long before = conversation.tokens();
    conversation.corrected(said, fault);
    nextInput += conversation.tokens() - before;
    repairs++;
    return repairs <= limits.repairs()
        ? Optional.empty()
        : Optional.of(
            Outcome.failed(
                "invalid_answer",
                "The model did not mend its answer in " + limits.repairs() + " tries: " + fault));
  }

  private void record(Turn turn, String thought, String observation) {
    step.record(
        new Iteration(
            step.nextIndex(),
            thought,
            null,
            observation,
            usage(turn),
            turn.began(),
            calls.since(turn.began())));
  }

  /** Whatever keeps the model from being called once more. */
  private Optional<Outcome> brake() {
    if (step.isStopped() || Thread.currentThread().isInterrupted()) {
      return Optional.of(Outcome.failed("interrupted", "The attempt was stopped."));
    }
    if (step.timeLeft().isNegative()) {
      return Optional.of(
          Outcome.failed("timeout", "The attempt ran longer than " + step.task().timeout() + "."));
    }
    int most = step.task().maxIterations();
    if (step.nextIndex() >= most) {
      return Optional.of(
          Outcome.failedForGood("iteration_limit", "No answer within " + most + " iterations."));
    }
    long before = conversation.tokens();
    if (!conversation.condense()) {
      return Optional.of(
          Outcome.failedForGood(
              "context_limit",
              "The conversation has about "
                  + conversation.tokens()
                  + " tokens, with all older observations condensed; it may have "
                  + limits.contextTokens()
                  + "."));
    }
    nextInput = Math.max(0, nextInput + conversation.tokens() - before);
    if (step.task().budget().maxCostUsd() != null && !model.isPriced()) {
      return Optional.of(
          Outcome.failedForGood(
              "unknown_price",
              "The workflow has a budget in dollars, and no price of "
                  + model.name()
                  + " is known: set the model's prices, or limit tokens."));
    }
    return allowance
        .objection(spent, nextInput)
        .map(why -> Outcome.failedForGood("budget_exhausted", why));
  }

  private ChatRequest request() {
    ChatRequest.Builder request = speech.request(conversation.messages(), toolbox.specifications());
    OptionalInt most = allowance.longestAnswer(spent, nextInput);
    return most.isEmpty() ? request.build() : model.limited(request.build(), most.getAsInt());
  }

  private void spend(MeteredModel.Answer answer) {
    spent = spent.plus(answer.usage());
    // The next call sends what this one sent and got, as the model itself counts it.
    nextInput = answer.usage().inputTokens() + answer.usage().outputTokens();
  }

  private static boolean isCutOff(MeteredModel.Answer answer) {
    return answer.response().finishReason() == FinishReason.LENGTH;
  }

  private static String text(Turn turn) {
    return Objects.requireNonNullElse(turn.answer().response().aiMessage().text(), "");
  }

  private Iteration.@Nullable TokenUsage usage(Turn turn) {
    Usage usage = turn.answer().usage();
    return usage.equals(Usage.NONE)
        ? null
        : new Iteration.TokenUsage(
            usage.inputTokens(),
            usage.outputTokens(),
            usage.costUsd(),
            model.name(),
            turn.answer().estimated() ? Boolean.TRUE : null);
  }

  private static String message(Exception e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
