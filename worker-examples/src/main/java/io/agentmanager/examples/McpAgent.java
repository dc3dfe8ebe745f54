package io.agentmanager.examples;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.agent.Agent;
import io.agentmanager.worker.mcp.McpServerConfig;
import io.agentmanager.worker.mcp.McpServers;
import java.nio.file.Path;
import java.util.Map;

/** An agent whose tools are those of a Model Context Protocol server. */
final class McpAgent {
  private McpAgent() {}

  static Worker.Builder worker(WorkerConfig config, ChatModel model, McpServers servers) {
    Agent agent = Agent.builder(model).toolsFor(step -> servers.tools()).build();
    return Worker.builder(config).handler("librarian", agent).onClose(servers::close);
  }

  /** Runs until the process is asked to stop. Arguments: the command of the server. */
  public static void main(String[] args) throws InterruptedException {
    McpServers servers = McpServers.of(Map.of("library", McpServerConfig.stdio(args)));
    ChatModel model =
        OpenAiChatModel.builder()
            .apiKey(System.getenv("OPENAI_API_KEY"))
            .modelName("gpt-4o-mini")
            .build();
    worker(WorkerConfig.read(Path.of("mcp_client_config.json")), model, servers).run();
  }
}
