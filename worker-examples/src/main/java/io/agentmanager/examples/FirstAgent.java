package io.agentmanager.examples;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import io.agentmanager.examples.ToolAgent.Accounts;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.agent.Agent;
import java.nio.file.Path;

/** The least that is an agent: a model and tools for one capability. */
final class FirstAgent {
  private FirstAgent() {}

  static Worker.Builder worker(WorkerConfig config, ChatModel model) {
    Agent agent = Agent.builder(model).tools(new Accounts()).build();
    return Worker.builder(config).handler("teller", agent);
  }

  /** Runs until the process is asked to stop. */
  public static void main(String[] args) throws InterruptedException {
    ChatModel model =
        OpenAiChatModel.builder()
            .apiKey(System.getenv("OPENAI_API_KEY"))
            .modelName("gpt-4o-mini")
            .build();
    worker(WorkerConfig.read(Path.of("mcp_client_config.json")), model).run();
  }
}
