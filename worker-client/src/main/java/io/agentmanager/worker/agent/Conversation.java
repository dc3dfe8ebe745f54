package io.agentmanager.worker.agent;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.models.TokenEstimate;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * What a model is shown: the step, and the turns since. Observations are cut where they are long,
 * and older ones are condensed where the whole becomes long.
 */
final class Conversation {
  private static final int CONDENSED = 300;
  private static final int KEPT_WHOLE = 2;
  private final AgentLimits limits;
  private final List<ChatMessage> messages = new ArrayList<>();

  /** How long each observation was, by its place. */
  private final Map<Integer, Integer> wholeLengths = new HashMap<>();

  private final Set<Integer> condensed = new HashSet<>();

  Conversation(AgentLimits limits, String system, String user) {
    this.limits = limits;
    messages.add(SystemMessage.from(system));
    messages.add(UserMessage.from(user));
  }

  List<ChatMessage> messages() {
    return List.copyOf(messages);
  }

  /** About how many tokens it has. */
  long tokens() {
    return TokenEstimate.of(messages);
  }

  /** A turn of an earlier attempt, as if it had been said here. */
  void recall(Iteration turn) {
    Iteration.Action action = turn.action();
    String thought = Objects.requireNonNullElse(turn.thought(), "");
    String observation = Objects.requireNonNullElse(turn.observation(), "");
    if (action != null) {
      ToolExecutionRequest call =
          ToolExecutionRequest.builder()
              .id("call-" + turn.index())
              .name(action.tool())
              .arguments(
                  action.arguments() == null || !action.arguments().isObject()
                      ? "{}"
                      : action.arguments().toString())
              .build();
      called(thought, List.of(call));
      observed(call, observation);
    } else if (!thought.isBlank() && !observation.isBlank()) {
      corrected(thought, observation);
    }
  }

  void called(String thought, List<ToolExecutionRequest> calls) {
    messages.add(thought.isBlank() ? AiMessage.from(calls) : AiMessage.from(thought, calls));
  }

  void observed(ToolExecutionRequest call, String observation) {
    // Some providers take no empty text.
    String text = observation.isEmpty() ? "(nothing)" : observation;
    wholeLengths.put(messages.size(), text.length());
    messages.add(
        ToolExecutionResultMessage.from(call, Excerpt.of(text, limits.observationCharacters())));
  }

  void corrected(String said, String fault) {
    messages.add(AiMessage.from(said.isBlank() ? "(no answer)" : said));
    messages.add(UserMessage.from(fault));
  }

  void told(String news) {
    messages.add(UserMessage.from(news));
  }

  /**
   * Condenses observations, the oldest first, until the whole is short enough; the last ones stay.
   *
   * @return whether it is short enough
   */
  boolean condense() {
    List<Integer> observations = new ArrayList<>();
    for (int i = 0; i < messages.size(); i++) {
      if (messages.get(i) instanceof ToolExecutionResultMessage) {
        observations.add(i);
      }
    }
    int candidates = Math.max(0, observations.size() - KEPT_WHOLE);
    for (int place : observations.subList(0, candidates)) {
      if (tokens() <= limits.contextTokens()) {
        return true;
      }
      if (condensed.add(place)) {
        condense(place);
      }
    }
    return tokens() <= limits.contextTokens();
  }

  private void condense(int place) {
    ToolExecutionResultMessage old = (ToolExecutionResultMessage) messages.get(place);
    int whole = wholeLengths.getOrDefault(place, old.text().length());
    messages.set(
        place,
        ToolExecutionResultMessage.from(
            old.id(), old.toolName(), Excerpt.of(old.text(), CONDENSED, whole)));
  }
}
