package io.agentmanager.models;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import java.util.List;
import java.util.Objects;

/** How many tokens messages have, about: a token of English prose has some four characters. */
public final class TokenEstimate {
  private static final int CHARACTERS_A_TOKEN = 4;

  private TokenEstimate() {}

  /** Of all of them together. */
  public static long of(List<ChatMessage> messages) {
    return messages.stream().mapToLong(TokenEstimate::length).sum() / CHARACTERS_A_TOKEN;
  }

  private static long length(ChatMessage message) {
    return switch (message) {
      case SystemMessage system -> system.text().length();
      case UserMessage user -> user.hasSingleText() ? user.singleText().length() : 0;
      case ToolExecutionResultMessage result -> result.text().length();
      case AiMessage said ->
          Objects.requireNonNullElse(said.text(), "").length()
              + said.toolExecutionRequests().stream()
                  .mapToLong(call -> call.name().length() + call.arguments().length())
                  .sum();
      default -> 0;
    };
  }
}
