package io.agentmanager.planner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.output.TokenUsage;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.models.MeteredModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class LlmPlannerTest {
  private static final String GOOD =
      """
      {"tasks": [{"step_id": "a", "task_description": "x", "assigned_agent": "researcher", "dependencies": []}]}
      """;
  private final List<ChatRequest> asked = new ArrayList<>();

  @Test
  void aValidPlanIsTakenAtOnce() {
    LlmPlanner.Outcome outcome = plan(Budget.UNLIMITED, "```json\n" + GOOD + "```");
    assertThat(outcome.steps()).hasSize(1);
    assertThat(outcome.usage().inputTokens()).isEqualTo(100);
    assertThat(asked.getFirst().messages().toString()).contains("researcher, writer");
  }

  @Test
  void anInvalidPlanGoesBackWithItsFaults() {
    LlmPlanner.Outcome outcome =
        plan(
            Budget.UNLIMITED,
            "no JSON",
            GOOD.replace("researcher", "astronaut"),
            GOOD.replace("[]}", "[\"a\"]}"),
            GOOD);
    assertThat(outcome.steps()).hasSize(1);
    assertThat(asked).hasSize(4);
    assertThat(asked.get(2).messages().toString()).contains("no worker offers astronaut");
    assertThat(asked.get(3).messages().toString()).contains("cycle: a -> a");
  }

  @Test
  void afterThreeRepairsItGivesUpAndSaysWhy() {
    LlmPlanner.Outcome outcome = plan(Budget.UNLIMITED, "a", "b", "c", "d", GOOD);
    assertThat(outcome.steps()).isNull();
    assertThat(outcome.why()).contains("4 answers");
    assertThat(asked).hasSize(4);
    assertThat(outcome.usage().inputTokens()).isEqualTo(400);
  }

  @Test
  void aSpentBudgetStopsTheAsking() {
    LlmPlanner.Outcome outcome = plan(new Budget(150L, null), "a", "b", GOOD);
    assertThat(outcome.why()).contains("budget");
    assertThat(asked).hasSize(2);
  }

  private LlmPlanner.Outcome plan(Budget budget, String... answers) {
    Deque<String> script = new ArrayDeque<>(List.of(answers));
    ChatModel model =
        new ChatModel() {
          @Override
          public ChatResponse doChat(ChatRequest request) {
            asked.add(request);
            return ChatResponse.builder()
                .aiMessage(AiMessage.from(script.removeFirst()))
                .tokenUsage(new TokenUsage(100, 10))
                .build();
          }
        };
    TaskSubmission goal =
        new TaskSubmission("goal", null, null, null, null, null, null, budget, null);
    return new LlmPlanner(new MeteredModel(model, "scripted", Map.of()))
        .plan(goal, new TreeSet<>(List.of("researcher", "writer")));
  }
}
