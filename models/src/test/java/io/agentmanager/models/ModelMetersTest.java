package io.agentmanager.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.ModelProvider;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelMetersTest {
  private static final ChatRequest REQUEST =
      ChatRequest.builder().messages(UserMessage.from("hello")).build();
  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();

  private MeteredModel model(ChatModel model) {
    return new MeteredModel(
        model, "dear", Map.of("dear", new Price(2_000, 4_000)), new ModelMeters(registry));
  }

  private static ChatModel answering() {
    return new ChatModel() {
      @Override
      public ChatResponse doChat(ChatRequest request) {
        return ChatResponse.builder()
            .aiMessage(AiMessage.from("hi"))
            .tokenUsage(new TokenUsage(100, 10))
            .build();
      }

      @Override
      public ModelProvider provider() {
        return ModelProvider.OPEN_AI;
      }
    };
  }

  @Test
  void anAnswerCountsTokensAndTime() {
    model(answering()).call(REQUEST);
    var named = registry.get("gen_ai.client.token.usage").tag("gen_ai.request.model", "dear");
    assertThat(named.tag("gen_ai.token.type", "input").summary().totalAmount()).isEqualTo(100);
    assertThat(
            registry
                .get("gen_ai.client.token.usage")
                .tag("gen_ai.provider.name", "openai")
                .tag("gen_ai.token.type", "output")
                .summary()
                .totalAmount())
        .isEqualTo(10);
    assertThat(
            registry.get("gen_ai.client.operation.duration").tag("error.type", "").timer().count())
        .isEqualTo(1);
  }

  @Test
  void aFailureCountsAsOne() {
    ChatModel failing =
        new ChatModel() {
          @Override
          public ChatResponse doChat(ChatRequest request) {
            throw new RateLimitException("too many");
          }
        };
    assertThatThrownBy(() -> model(failing).call(REQUEST)).isInstanceOf(RateLimitException.class);
    assertThat(
            registry
                .get("gen_ai.client.operation.duration")
                .tag("error.type", "RateLimitException")
                .timer()
                .count())
        .isEqualTo(1);
    assertThat(registry.find("gen_ai.client.token.usage").summary()).isNull();
  }
}
