package io.agentmanager.worker.rule;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import io.agentmanager.contracts.json.WireJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * A chat model without a model: it does what fixed rules say with the tools that it is offered. It
 * reads every file that the task, its list of files or an audit's notes name, extracts the
 * sentences that say most about the task ({@link
 * io.agentmanager.models.extract.SentenceExtractor}), quotes them with their sources, and writes
 * the file that the step is to write. It decides from the conversation alone, and it says what it
 * is.
 */
public final class RuleChatModel implements ChatModel {
  /** The name under which it stands in histories. */
  public static final String NAME = "rules";

  private static final String READ = "read_file";
  private static final String WRITE = "write_file";

  @Override
  public ChatResponse doChat(ChatRequest request) {
    // Rules use no tokens, which is not the same as saying nothing of them.
    return ChatResponse.builder().aiMessage(next(request)).tokenUsage(new TokenUsage(0, 0)).build();
  }

  private static AiMessage next(ChatRequest request) {
    Conversation conversation = Conversation.of(request.messages());
    StepRequest step = StepRequest.parse(conversation.question());
    Optional<String> unread =
        step.filesToRead().stream().filter(f -> !conversation.hasAsked(READ, f)).findFirst();
    if (unread.isPresent() && offers(request, READ)) {
      return call("Read " + unread.get() + ", which the task names.", READ, path(unread.get()));
    }
    String answer = Composition.compose(step, conversation.read());
    Optional<String> unwritten =
        step.filesToWrite().stream().filter(f -> !conversation.hasAsked(WRITE, f)).findFirst();
    if (unwritten.isPresent() && offers(request, WRITE)) {
      Map<String, String> arguments = path(unwritten.get());
      arguments.put("content", answer);
      return call("Write " + unwritten.get() + ", as the task says.", WRITE, arguments);
    }
    return AiMessage.from(answer);
  }

  private static boolean offers(ChatRequest request, String tool) {
    List<ToolSpecification> tools = request.toolSpecifications();
    return tools != null && tools.stream().anyMatch(t -> t.name().equals(tool));
  }

  private static Map<String, String> path(String path) {
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("path", path);
    return arguments;
  }

  private static AiMessage call(String thought, String tool, Map<String, String> arguments) {
    return AiMessage.from(
        thought,
        List.of(
            ToolExecutionRequest.builder()
                .id(UUID.randomUUID().toString())
                .name(tool)
                .arguments(WireJson.mapper().writeValueAsString(arguments))
                .build()));
  }

  /**
   * What was said so far.
   *
   * @param asked calls made, as tool and path
   * @param read content by path
   */
  private record Conversation(
      String question, Map<String, String> asked, Map<String, String> read) {
    static Conversation of(List<ChatMessage> messages) {
      String question = "";
      Map<String, String> asked = new LinkedHashMap<>();
      Map<String, String> read = new LinkedHashMap<>();
      Map<String, String> paths = new LinkedHashMap<>();
      for (ChatMessage message : messages) {
        if (message instanceof UserMessage user && question.isEmpty()) {
          question = user.singleText();
        } else if (message instanceof AiMessage ai && ai.hasToolExecutionRequests()) {
          for (ToolExecutionRequest call : ai.toolExecutionRequests()) {
            String path = WireJson.mapper().readTree(call.arguments()).path("path").asString("");
            asked.put(call.name() + " " + path, path);
            paths.put(call.id(), path);
          }
        } else if (message instanceof ToolExecutionResultMessage result
            && READ.equals(result.toolName())
            && !result.text().startsWith("error:")) {
          read.put(paths.getOrDefault(result.id(), ""), result.text());
        }
      }
      return new Conversation(question, asked, read);
    }

    boolean hasAsked(String tool, String path) {
      return asked.containsKey(tool + " " + path);
    }
  }
}
