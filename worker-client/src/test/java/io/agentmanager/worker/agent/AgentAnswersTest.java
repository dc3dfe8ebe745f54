package io.agentmanager.worker.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.SystemMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.exception.RateLimitException;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What a model answers, and how it is asked again. */
class AgentAnswersTest extends AgentScene {
  private static final String NUMBER = "{\"type\":\"object\",\"required\":[\"sum\"]}";

  @Test
  void anAnswerThatDoesNotFitItsSchemaIsRepaired() throws Exception {
    model.answers("three").answers("{\"total\":3}").answers("```json\n{\"sum\":3}\n```");
    assertThat(run(aStep().schema(NUMBER))).isEqualTo(Outcome.completed("{\"sum\":3}"));
    assertThat(live).hasSize(3);
    assertThat(live.get(0).observation()).contains("must be JSON and nothing else");
    assertThat(live.get(1).observation()).contains("sum");
    assertThat(((UserMessage) model.requests().getFirst().messages().get(1)).singleText())
        .contains("JSON Schema");
  }

  @Test
  void anAnswerThatIsNeverMendedFailsWithTheFault() throws Exception {
    model.answers("1").answers("2").answers("3").answers("4");
    Outcome.Failed failed = failure(run(aStep().schema(NUMBER)));
    assertThat(failed.type()).isEqualTo("invalid_answer");
    assertThat(failed.retryable()).isTrue();
    assertThat(failed.message()).contains("3 tries").contains("JSON Schema");
  }

  @Test
  void anEmptyAnswerIsAskedForAgain() throws Exception {
    model.answers(" ").answers("there");
    assertThat(run(aStep())).isEqualTo(Outcome.completed("there"));
  }

  @Test
  void anAnswerThatWasCutOffIsNoAnswer() throws Exception {
    AtomicInteger turn = new AtomicInteger();
    Agent agent =
        Agent.builder(
                new ChatModel() {
                  @Override
                  public ChatResponse doChat(ChatRequest request) {
                    boolean first = turn.getAndIncrement() == 0;
                    return ChatResponse.builder()
                        .aiMessage(AiMessage.from(first ? "It is a long st" : "Short."))
                        .finishReason(first ? FinishReason.LENGTH : FinishReason.STOP)
                        .build();
                  }
                })
            .build();
    assertThat(agent.handle(new StepContext(aStep().task(), live::add, clock)))
        .isEqualTo(Outcome.completed("Short."));
    assertThat(live.getFirst().observation()).contains("cut off");
  }

  @Test
  void aModelThatIsBusyMayBeTriedAgainAndARefusalMayNot() throws Exception {
    model.then(
        request -> {
          throw new RateLimitException("slow down");
        });
    assertThat(failure(run(aStep())).retryable()).isTrue();
    model.then(
        request -> {
          throw new InvalidRequestException("no");
        });
    assertThat(failure(run(aStep())).retryable()).isFalse();
  }

  @Test
  void aModelWithoutToolCallsAsksInText() throws Exception {
    model
        .answers(
            "Thought: I need two pages\nAction: read\nArguments: {\"page\": 1}\n"
                + "Action: read\nArguments: {\"page\": 2}")
        .answers("Thought: I know\nAnswer: Two pages:\nAction: none of this is a call");
    Agent agent = agent().textProtocol().build();
    assertThat(agent.handle(new StepContext(aStep().task(), live::add, clock)))
        .isEqualTo(Outcome.completed("Two pages:\nAction: none of this is a call"));
    ChatRequest second = model.requests().get(1);
    assertThat(second.toolSpecifications()).isNullOrEmpty();
    assertThat(((SystemMessage) second.messages().getFirst()).text()).contains("tell_time");
    assertThat(second.messages().toString()).contains("Observation: page 1");
    assertThat(second.messages())
        .noneMatch(ToolExecutionResultMessage.class::isInstance)
        .noneMatch(m -> m instanceof AiMessage said && said.hasToolExecutionRequests());
  }

  @Test
  void whateverIsNotInTheTextualFormIsSentBackWithTheReason() throws Exception {
    model
        .answers("I will just look.")
        .answers("Thought: look\nAction: read")
        .answers("Thought: look\nAction: read\nArguments: page 1")
        .answers("Thought: enough\nAnswer: done");
    Agent agent = agent().textProtocol().build();
    assertThat(agent.handle(new StepContext(aStep().task(), live::add, clock)))
        .isEqualTo(Outcome.completed("done"));
    assertThat(observations().get(0)).contains("Begin with \"Thought:\"");
    assertThat(observations().get(1)).contains("comes \"Arguments:\"");
    assertThat(observations().get(2)).contains("not a JSON object: page 1");
  }

  @Test
  void aStreamingModelAnswersLikeAnyOther() throws Exception {
    StreamingChatModel streaming =
        new StreamingChatModel() {
          @Override
          public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
            handler.onPartialResponse("It is ");
            handler.onPartialResponse("noon.");
            handler.onCompleteResponse(
                ChatResponse.builder()
                    .aiMessage(AiMessage.from("It is noon."))
                    .tokenUsage(new TokenUsage(5, 2))
                    .build());
          }
        };
    Outcome outcome =
        Agent.builder(streaming).build().handle(new StepContext(aStep().task(), live::add, clock));
    assertThat(outcome).isEqualTo(Outcome.completed("It is noon."));
    assertThat(usage(live.getFirst()).inputTokens()).isEqualTo(5);
  }
}
