package io.agentmanager.examples;

import dev.langchain4j.agent.tool.P;
import dev.langchain4j.agent.tool.Tool;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.openai.OpenAiChatModel;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.agent.Agent;
import io.agentmanager.worker.agent.NeedsApproval;
import java.nio.file.Path;

/** An agent with tools of LangChain4j; one of them only after a person has agreed. */
final class ToolAgent {
  private ToolAgent() {}

  /** What the agent can do. */
  public static final class Accounts {
    /** Looks something up: may be called as often as the model likes. */
    @Tool("The balance of a customer's account in euros")
    public int balance(@P(name = "customer", value = "the customer's name") String customer) {
      return customer.length() * 100;
    }

    /** Changes something: a person decides, and it is never done twice. */
    @NeedsApproval("May this refund be paid?")
    @Tool("Pays a refund")
    public String refund(
        @P(name = "customer", value = "the customer's name") String customer,
        @P(name = "euros", value = "how much") int euros) {
      return "paid " + euros + " euros to " + customer;
    }
  }

  static Worker.Builder worker(WorkerConfig config, ChatModel model) {
    Agent agent =
        Agent.builder(model)
            .instructions("You work in the accounts department. Be exact.")
            .tools(new Accounts())
            .build();
    return Worker.builder(config).handler("accountant", agent);
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
