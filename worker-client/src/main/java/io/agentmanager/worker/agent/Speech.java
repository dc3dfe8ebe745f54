package io.agentmanager.worker.agent;

import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.model.chat.request.ChatRequest;
import java.util.List;
import java.util.Objects;

/** How a model is spoken with: by its own tool calls, or in text alone. */
interface Speech {
  /** What the rules of the conversation are, beyond those of every agent. */
  String rules(List<ToolSpecification> tools);

  /** What is sent for a conversation. */
  ChatRequest.Builder request(List<ChatMessage> conversation, List<ToolSpecification> tools);

  /** What the model said. */
  Said read(AiMessage message);

  /** What a model said. */
  sealed interface Said {
    /** It wants tools to be called, one or several at once. */
    record Calls(String thought, List<ToolExecutionRequest> calls) implements Said {}

    /** It has an answer. */
    record Answer(String text) implements Said {}

    /** Neither; it is told why, in the words of the fault. */
    record Malformed(String text, String fault) implements Said {}
  }

  /** With the model's own tool calls. */
  static Speech nativeTools() {
    return new Speech() {
      @Override
      public String rules(List<ToolSpecification> tools) {
        return "";
      }

      @Override
      public ChatRequest.Builder request(
          List<ChatMessage> conversation, List<ToolSpecification> tools) {
        return ChatRequest.builder().messages(conversation).toolSpecifications(tools);
      }

      @Override
      public Said read(AiMessage message) {
        String text = Objects.requireNonNullElse(message.text(), "");
        if (message.hasToolExecutionRequests()) {
          return new Said.Calls(text, message.toolExecutionRequests());
        }
        return text.isBlank()
            ? new Said.Malformed("", "That answer was empty. Give the result.")
            : new Said.Answer(text);
      }
    };
  }
}
