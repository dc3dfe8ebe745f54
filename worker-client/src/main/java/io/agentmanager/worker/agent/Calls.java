package io.agentmanager.worker.agent;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.tracing.Spans;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.StringNode;

/**
 * Makes calls of tools, those of one turn side by side, and records each as it ends. A call that
 * must not be made twice is announced first; one that an earlier attempt announced, and of which
 * nobody knows how it ended, is withheld once.
 */
final class Calls {
  private static final String UNKNOWN_END =
      "This call was announced by an earlier attempt, which was lost before it was known how the"
          + " call ended. It may or may not have had its effect, and it is not made again. Look"
          + " what became of it before you go on.";

  private final StepContext step;
  private final Toolbox toolbox;
  private final Conversation conversation;
  private final List<Iteration.Action> unknownEnds = new ArrayList<>();

  Calls(StepContext step, Toolbox toolbox, Conversation conversation) {
    this.step = step;
    this.toolbox = toolbox;
    this.conversation = conversation;
  }

  /** One call, and the iteration that it is. */
  record Planned(int index, ToolExecutionRequest call, Iteration.Action action) {
    /** Some providers read the arguments of a call that they are shown again. */
    ToolExecutionRequest readable() {
      return Toolbox.object(call.arguments()) != null
          ? call
          : ToolExecutionRequest.builder().id(call.id()).name(call.name()).arguments("{}").build();
    }
  }

  /** What a turn brings besides its calls. */
  record Turn(String thought, Iteration.@Nullable TokenUsage usage, Instant began) {
    /** The first iteration of a turn tells what the turn cost. */
    Turn rest() {
      return new Turn("", null, began);
    }
  }

  /** The iterations that these calls will be. */
  List<Planned> plan(List<ToolExecutionRequest> calls) {
    int first = step.nextIndex();
    return IntStream.range(0, calls.size())
        .mapToObj(i -> new Planned(first + i, calls.get(i), action(calls.get(i))))
        .toList();
  }

  /** A turn that no model has made, and that costs nothing. */
  Turn turn(String thought) {
    return new Turn(thought, null, step.now());
  }

  /** The next such call is not made, since nobody knows how this one ended. */
  void withhold(Iteration.Action action) {
    unknownEnds.add(action);
  }

  /** It may be made again: who says so knows of it. */
  void withholdNot(Iteration.Action action) {
    unknownEnds.remove(action);
  }

  /** Records that nobody knows how a call ended. */
  Iteration endUnknown(Iteration turn) {
    Iteration ended = ended(turn);
    step.record(ended);
    return ended;
  }

  private static Iteration ended(Iteration turn) {
    return new Iteration(
        turn.index(),
        turn.thought(),
        turn.action(),
        UNKNOWN_END,
        turn.usage(),
        turn.startedAt(),
        turn.durationMs(),
        Iteration.End.UNKNOWN);
  }

  /** Makes calls side by side; each is recorded as it ends. */
  Optional<Outcome> make(List<Planned> plan, Turn turn) throws InterruptedException {
    // Who asks again, after having been told and having looked, may mean it.
    List<Planned> withheld = plan.stream().filter(p -> unknownEnds.remove(p.action())).toList();
    try {
      for (Planned planned : plan) {
        if (!withheld.contains(planned) && !toolbox.isRepeatable(planned.call().name())) {
          step.announce(iteration(planned, planned.action(), null, share(plan, planned, turn)));
        }
      }
    } catch (IOException e) {
      return Optional.of(
          Outcome.failed("lost", "An action could not be announced: " + e.getMessage()));
    }
    List<String> observations = observe(plan, withheld, turn);
    for (int i = 0; i < plan.size(); i++) {
      conversation.observed(plan.get(i).readable(), observations.get(i));
    }
    return Optional.empty();
  }

  private List<String> observe(List<Planned> plan, List<Planned> withheld, Turn turn)
      throws InterruptedException {
    if (plan.size() == 1) {
      return List.of(observe(plan.getFirst(), withheld, turn));
    }
    List<Callable<String>> work =
        plan.stream()
            .map(p -> Spans.current().carried(() -> observe(p, withheld, share(plan, p, turn))))
            .toList();
    List<String> observations = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<String> made : threads.invokeAll(work)) {
        observations.add(made.get());
      }
    } catch (ExecutionException e) {
      if (e.getCause() instanceof InterruptedException) {
        throw new InterruptedException("an action was interrupted");
      }
      throw new IllegalStateException(e.getCause());
    }
    return observations;
  }

  private String observe(Planned planned, List<Planned> withheld, Turn turn)
      throws InterruptedException {
    if (withheld.contains(planned)) {
      var unused = endUnknown(iteration(planned, planned.action(), UNKNOWN_END, turn));
      return UNKNOWN_END;
    }
    String observation = toolbox.run(planned.call().name(), planned.call().arguments());
    record(planned, planned.action(), observation, turn);
    return observation;
  }

  void record(Planned planned, Iteration.@Nullable Action action, String observation, Turn turn) {
    step.record(iteration(planned, action, observation, turn));
  }

  private Iteration iteration(
      Planned planned, Iteration.@Nullable Action action, @Nullable String observation, Turn turn) {
    return new Iteration(
        planned.index(),
        turn.thought(),
        action,
        observation,
        turn.usage(),
        turn.began(),
        observation == null ? null : since(turn.began()));
  }

  long since(Instant began) {
    return Math.max(0, Duration.between(began, step.now()).toMillis());
  }

  private static Turn share(List<Planned> plan, Planned planned, Turn turn) {
    return planned == plan.getFirst() ? turn : turn.rest();
  }

  private static Iteration.Action action(ToolExecutionRequest call) {
    JsonNode arguments = Toolbox.object(call.arguments());
    return new Iteration.Action(
        call.name(), arguments == null ? StringNode.valueOf(call.arguments()) : arguments);
  }
}
