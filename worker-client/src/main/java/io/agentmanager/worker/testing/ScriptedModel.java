package io.agentmanager.worker.testing;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A chat model that says, turn by turn, what a test wrote. Each turn uses 100 input and 10 output
 * tokens unless the test says otherwise. What it was asked can be looked at. It speaks beyond its
 * script with an error that says so.
 *
 * <pre>{@code
 * ScriptedModel model = new ScriptedModel()
 *     .calls("I need the sum", "add", "{\"a\": 1, \"b\": 2}")
 *     .answers("3");
 * }</pre>
 */
public final class ScriptedModel implements ChatModel {
  private static final int INPUT = 100;
  private static final int OUTPUT = 10;

  /** A turn of the script. */
  @FunctionalInterface
  public interface Turn {
    /** What the model says to a request; an exception is thrown to the caller. */
    AiMessage say(ChatRequest request);
  }

  private final Queue<Turn> script = new ConcurrentLinkedQueue<>();
  private final List<ChatRequest> requests = new ArrayList<>();
  private final AtomicInteger calls = new AtomicInteger();
  private volatile TokenUsage usage = new TokenUsage(INPUT, OUTPUT);

  /** Another turn, made by a function of the request. */
  public ScriptedModel then(Turn turn) {
    script.add(turn);
    return this;
  }

  /** A turn that gives a text: the answer, to most agents. */
  public ScriptedModel answers(String text) {
    return then(request -> AiMessage.from(text));
  }

  /**
   * A turn that asks for a tool.
   *
   * @param arguments a JSON object
   */
  public ScriptedModel calls(String thought, String tool, String arguments) {
    return callsAll(thought, List.of(call(tool, arguments)));
  }

  /** A turn that asks for several tools at once. */
  public ScriptedModel callsAll(String thought, List<ToolExecutionRequest> tools) {
    return then(
        request -> thought.isBlank() ? AiMessage.from(tools) : AiMessage.from(thought, tools));
  }

  /** A request for a tool, for {@link #callsAll}. */
  public ToolExecutionRequest call(String tool, String arguments) {
    return ToolExecutionRequest.builder()
        .id("scripted-" + calls.incrementAndGet())
        .name(tool)
        .arguments(arguments)
        .build();
  }

  /** What each turn uses from now on. */
  public ScriptedModel using(int inputTokens, int outputTokens) {
    usage = new TokenUsage(inputTokens, outputTokens);
    return this;
  }

  @Override
  public ChatResponse doChat(ChatRequest request) {
    synchronized (requests) {
      requests.add(request);
    }
    Turn turn = script.poll();
    if (turn == null) {
      throw new IllegalStateException(
          "the script has no turn " + requests().size() + "; it was asked " + request.messages());
    }
    return ChatResponse.builder().aiMessage(turn.say(request)).tokenUsage(usage).build();
  }

  /** What it was asked so far. */
  public List<ChatRequest> requests() {
    synchronized (requests) {
      return List.copyOf(requests);
    }
  }
}
