package io.agentmanager.examples;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.mcp.McpServerConfig;
import io.agentmanager.worker.mcp.McpServers;
import io.agentmanager.worker.testing.ScriptedModel;
import io.agentmanager.worker.testing.TestServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import tools.jackson.databind.node.ObjectNode;

/** Each example does what it says, with the test kit on the other side. */
@Timeout(60)
class ExamplesTest {
  private final TestServer server = TestServer.start();
  @TempDir private Path folder;

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void theAgentLooksUpABalanceAndAsksBeforeItPays() throws Exception {
    ScriptedModel model =
        new ScriptedModel()
            .calls("I look first", "balance", "{\"customer\": \"Ann\"}")
            .calls("It is due", "refund", "{\"customer\": \"Ann\", \"euros\": 30}")
            .answers("Ann has got 30 euros.");
    try (Worker worker = ToolAgent.worker(config("accountant"), model).start()) {
      String id = submit("accountant", "{}");
      assertThat(server.await(id, "s", StepStatus.AWAITING_APPROVAL).approval()).isNotNull();
      server.approve(id, "s", "yes");
      assertThat(server.await(id, "s", StepStatus.COMPLETED).finalResult())
          .isEqualTo("Ann has got 30 euros.");
      assertThat(server.results(id, "s").getLast().raHistory().iterationList())
          .extracting(Iteration::observation)
          .contains("300", "paid 30 euros to Ann");
    }
  }

  @Test
  void aFirstAgentTakesAtMostFifteenLines() throws Exception {
    Path source = Path.of("src/main/java/io/agentmanager/examples/FirstAgent.java");
    assertThat(Files.readAllLines(source).stream().map(String::strip))
        .filteredOn(line -> !line.isEmpty() && !line.matches("(package|import|/\\*\\*|\\*).*"))
        .hasSizeLessThanOrEqualTo(15);
    ScriptedModel model =
        new ScriptedModel().calls("", "balance", "{\"customer\": \"Ann\"}").answers("300 euros");
    try (Worker worker = FirstAgent.worker(config("teller"), model).start()) {
      assertThat(result("teller", "{}")).isEqualTo("300 euros");
    }
  }

  @Test
  void theLibrarianAsksItsServer() throws Exception {
    ScriptedModel model =
        new ScriptedModel()
            .calls("I look it up", "library_find", "{\"title\": \"Emma\"}")
            .answers("Emma is on shelf 7.");
    McpServerConfig library =
        McpServerConfig.stdio(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            LibraryServer.class.getName());
    try (Worker worker =
        McpAgent.worker(config("librarian"), model, McpServers.of(Map.of("library", library)))
            .start()) {
      String id = submit("librarian", "{}");
      assertThat(server.await(id, "s", StepStatus.COMPLETED).finalResult())
          .isEqualTo("Emma is on shelf 7.");
      assertThat(server.results(id, "s").getFirst().raHistory().iterationList())
          .extracting(Iteration::observation)
          .contains("Emma is on shelf 7");
    }
  }

  @Test
  void theSpringApplicationCounts() throws Exception {
    try (ConfigurableApplicationContext application =
        SpringApplication.run(
            SpringWorker.class,
            "--agentmanager.worker.client-agent-id=spring",
            "--agentmanager.worker.server-url=" + server.url(),
            "--agentmanager.worker.auth-token=" + server.token(),
            "--agentmanager.worker.spool=" + folder)) {
      assertThat(result("counter", "{\"text\": \"one two three\"}")).isEqualTo("3");
      assertThat(application.isRunning()).isTrue();
    }
  }

  private WorkerConfig config(String capability) {
    return server.config("example", 2, capability).withSpool(folder);
  }

  private String result(String capability, String input) throws InterruptedException {
    return server.await(submit(capability, input), "s", StepStatus.COMPLETED).finalResult();
  }

  private String submit(String capability, String input) {
    return server.submit(
        StepSpec.of("s", "do it", capability, List.of())
            .withInput(WireJson.mapper().readValue(input, ObjectNode.class)));
  }
}
