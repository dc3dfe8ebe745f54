package io.agentmanager.worker.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.Budget;
import io.agentmanager.contracts.api.Checks;
import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.StepView;
import io.agentmanager.contracts.api.StreamedText;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.worker.ConfigFile;
import io.agentmanager.worker.HeldFile;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepHandler;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.testing.TestServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The runnable worker, with a model that speaks the OpenAI protocol. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(90)
class AgentWorkerTest {
  private static final String AGENT = "researcher";
  private final TestServer server = TestServer.start();
  private ScriptedOpenAi model;
  @TempDir private Path folder;

  @BeforeEach
  void aWorkspaceAndAModel() throws IOException {
    model = new ScriptedOpenAi();
    for (int page = 1; page <= 5; page++) {
      Files.writeString(folder.resolve("page-" + page + ".md"), "This is page " + page + ".");
    }
  }

  @AfterEach
  void stop() {
    model.close();
    server.close();
  }

  @Test
  void toolsOfOneTurnAreAllCalledAndTheirObservationsTold() throws Exception {
    model
        .calls(
            "both",
            "read_file",
            "{\"path\": \"page-1.md\"}",
            "write_file",
            "{\"path\": \"out.md\", \"content\": \"done\"}")
        .answers("I read page 1.");
    try (Worker worker = start("")) {
      String id = server.submit(step());
      assertThat(server.await(id, "s", StepStatus.COMPLETED).finalResult())
          .isEqualTo("I read page 1.");
      assertThat(history(id))
          .extracting(Iteration::observation)
          .contains("This is page 1.")
          .anyMatch(text -> text.startsWith("wrote out.md"));
      assertThat(folder.resolve("out.md")).hasContent("done");
    }
  }

  @Test
  void callsOfOneTurnRunSideBySide() throws Exception {
    // Each waits for what the other one makes.
    Files.writeString(
        folder.resolve("meet.sh"),
        """
        touch "$1"; i=0
        while [ ! -e "$2" ] && [ $i -lt 100 ]; do sleep 0.1; i=$((i + 1)); done
        [ -e "$2" ] && echo "$1 met $2"
        """);
    model
        .calls(
            "both",
            "run_command",
            "{\"command\": [\"sh\", \"meet.sh\", \"a\", \"b\"]}",
            "run_command",
            "{\"command\": [\"sh\", \"meet.sh\", \"b\", \"a\"]}")
        .answers("They met.");
    try (Worker worker = start(", \"commands\": {\"allowed\": [\"sh meet.sh\"]}")) {
      String id = server.submit(step());
      server.await(id, "s", StepStatus.COMPLETED);
      assertThat(history(id))
          .extracting(Iteration::observation)
          .contains("exit code 0\na met b\n", "exit code 0\nb met a\n");
    }
  }

  @Test
  void aFileThatAToolCallNamesIsWaitedForWhileAnotherStepHoldsIt() throws Exception {
    CountDownLatch held = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    StepHandler writer =
        step -> {
          try (HeldFile file = step.lock("page-1.md", AccessType.WRITE, Duration.ofSeconds(5))) {
            held.countDown();
            assertThat(asked.await(30, TimeUnit.SECONDS)).isTrue();
            Files.writeString(folder.resolve(file.path()), "as the other step left it");
          }
          return Outcome.completed("written");
        };
    WorkerConfig other =
        server
            .config("other", 1, "holder")
            .withWorkspace(folder)
            .withSpool(folder.resolve("spool"));
    model.calls("", "read_file", "{\"path\": \"page-1.md\"}").answers("read");
    try (Worker holder = Worker.builder(other).handler("holder", writer).start();
        Worker worker = start("")) {
      String id = server.submit(StepSpec.of("hold", "x", "holder", List.of()));
      assertThat(held.await(30, TimeUnit.SECONDS)).isTrue();
      String reading = server.submit(step());
      Awaitility.await()
          .until(
              () ->
                  server.requests().stream().filter(call -> call.equals("POST /v1/locks")).count(),
              locks -> locks >= 2);
      asked.countDown();
      server.await(id, "hold", StepStatus.COMPLETED);
      server.await(reading, "s", StepStatus.COMPLETED);
      assertThat(history(reading).getFirst().observation()).isEqualTo("as the other step left it");
    }
  }

  @Test
  void theServersOfTheFileOfferTheirToolsToTheAgent() throws Exception {
    String command =
        Stream.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                ShelfServer.class.getName())
            .map(part -> "\"" + part + "\"")
            .collect(Collectors.joining(", "));
    model.calls("", "shelf_find", "{\"title\": \"Moby Dick\"}").answers("It is there.");
    try (Worker worker =
        start(
            ", \"mcp_servers\": {\"shelf\": {\"command\": [%s], \"allowed_tools\": [\"find\"]}}"
                .formatted(command))) {
      String id = server.submit(step());
      assertThat(server.await(id, "s", StepStatus.COMPLETED).finalResult())
          .isEqualTo("It is there.");
      assertThat(history(id).getFirst().observation()).isEqualTo("Moby Dick is on shelf 7");
      assertThat(model.requests().getFirst().path("tools").toString())
          .contains("shelf_find")
          .doesNotContain("shelf_burn");
    }
  }

  @Test
  void afterKillMinusNineTheNextAttemptPaysOnlyForWhatIsMissing() throws Exception {
    for (int page = 1; page <= 4; page++) {
      model.calls("page " + page, "read_file", "{\"path\": \"page-" + page + ".md\"}");
    }
    model.hold();
    Process first = process();
    String id = server.submit(step());
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(40))
          .until(() -> model.requests().size() >= 5 && server.usage(id).inputTokens() >= 400);
    } finally {
      first.destroyForcibly();
    }
    assertThat(first.waitFor()).as("killed").isNotZero();
    server.loseLeases();

    // Whatever worker comes next, it begins with the fifth turn.
    int paid = model.requests().size();
    model.answers("There are four pages.");
    try (Worker second = start("")) {
      assertThat(server.await(id, "s", StepStatus.COMPLETED).finalResult())
          .isEqualTo("There are four pages.");
    }
    long again = server.usage(id).inputTokens() + server.usage(id).outputTokens() - 440;
    assertThat(again).as("440 tokens are not spent again").isEqualTo(110);
    assertThat(model.requests().size() - paid).as("of five turns one").isEqualTo(1);
    assertThat(model.requests().getLast().path("messages").toString())
        .contains("This is page 1.")
        .contains("This is page 4.");
    assertThat(history(id)).hasSize(5);
  }

  @Test
  void theBudgetOfTheWorkflowStopsTheAgentWithAReason() throws Exception {
    model.calls("", "list_files", "{\"path\": \".\"}").answers("too dear");
    try (Worker worker = start("")) {
      String id = server.submit(new Budget(220L, null), step().withMaxAttempts(1));
      server.await(id, "s", StepStatus.FAILED);
      StepError error = error(id);
      assertThat(error.type()).isEqualTo("budget_exhausted");
      assertThat(error.message()).startsWith("The step's share of the budget is spent");
    }
  }

  @Test
  void anAnswerMayBeNoLongerThanTheBudgetLeavesNorThanTheOperatorSays() throws Exception {
    model.answers("short").answers("short");
    try (Worker worker = start("")) {
      String tight = server.submit(new Budget(1_000L, null), step());
      server.await(tight, "s", StepStatus.COMPLETED);
      assertThat(model.requests().getLast().path("max_completion_tokens").asInt())
          .isBetween(1, 999);
      String wide = server.submit(new Budget(1_000_000L, null), step());
      server.await(wide, "s", StepStatus.COMPLETED);
      assertThat(model.requests().getLast().path("max_completion_tokens").asInt()).isEqualTo(4096);
    }
  }

  @Test
  void theToolsThatNeedTheOperatorsWordAreOffUntilItIsGiven() throws Exception {
    model.answers("none").answers("all");
    try (Worker worker = start("")) {
      server.await(server.submit(step()), "s", StepStatus.COMPLETED);
      assertThat(tools())
          .containsExactlyInAnyOrder("list_files", "read_file", "search_files", "write_file");
    }
    String more =
        ", \"commands\": {\"allowed\": [\"git log\"]}, \"fetch_allowed_hosts\": [\"example.org\"],"
            + " \"instructions\": {\"researcher\": \"Be exact.\"}";
    try (Worker worker = start(more)) {
      server.await(server.submit(step()), "s", StepStatus.COMPLETED);
      assertThat(tools()).contains("run_command", "fetch_url");
      assertThat(model.requests().getLast().path("messages").path(0).toString())
          .contains("Be exact.");
    }
  }

  private List<String> tools() {
    List<String> names = new ArrayList<>();
    model
        .requests()
        .getLast()
        .path("tools")
        .forEach(tool -> names.add(tool.path("function").path("name").asString()));
    return names;
  }

  @Test
  void aModelThatDoesNotAnswerInTimeEndsTheAttemptWithAReason() throws Exception {
    model.hold();
    try (Worker worker = start("")) {
      String id = server.submit(step().withTimeout(Duration.ofSeconds(1)).withMaxAttempts(1));
      server.await(id, "s", StepStatus.FAILED);
      assertThat(error(id).type()).isEqualTo("timeout");
      assertThat(error(id).message()).isEqualTo("The attempt ran longer than PT1S.");
    }
  }

  @Test
  void aBudgetInDollarsStopsTheAgentByThePriceOfTheFile() throws Exception {
    for (int page = 1; page <= 5; page++) {
      model.calls("", "read_file", "{\"path\": \"page-" + page + ".md\"}");
    }
    String priced = ", \"model\": " + model("\"input_price\": 1000, \"output_price\": 1000");
    try (Worker worker = start(priced)) {
      String id = server.submit(new Budget(null, 0.6), step().withMaxAttempts(1));
      server.await(id, "s", StepStatus.FAILED);
      assertThat(error(id).type()).isEqualTo("budget_exhausted");
      assertThat(error(id).message()).contains("of $0.6000 are used");
      assertThat(server.usage(id).costUsd()).isPositive().isLessThan(0.6);
    }
  }

  @Test
  void theSameActionThreeTimesInARowEndsTheStep() throws Exception {
    for (int i = 0; i < 3; i++) {
      model.calls("", "list_files", "{\"path\": \".\"}");
    }
    try (Worker worker = start("")) {
      String id = server.submit(step());
      server.await(id, "s", StepStatus.FAILED);
      assertThat(error(id).message())
          .isEqualTo("The model asked for list_files with the same arguments 3 times in a row.");
    }
  }

  @Test
  void theIterationLimitTheSameActionAndALongContextEachEndTheStepWithAReason() throws Exception {
    model
        .calls("", "read_file", "{\"path\": \"page-1.md\"}")
        .calls("", "read_file", "{\"path\": \"page-2.md\"}");
    String limits = ", \"limits\": {\"context_tokens\": 1000, \"same_action\": 2}";
    Files.writeString(folder.resolve("long.md"), "x".repeat(15_000));
    try (Worker worker = start(limits)) {
      String limited = server.submit(step().withMaxAttempts(1).withMaxIterations(2));
      server.await(limited, "s", StepStatus.FAILED);
      assertThat(error(limited).message()).isEqualTo("No answer within 2 iterations.");

      model
          .calls("", "list_files", "{\"path\": \".\"}")
          .calls("", "list_files", "{\"path\": \".\"}");
      String same = server.submit(step());
      server.await(same, "s", StepStatus.FAILED);
      assertThat(error(same).type()).isEqualTo("repeated_action");

      model.calls("", "read_file", "{\"path\": \"long.md\"}");
      String grown = server.submit(step());
      server.await(grown, "s", StepStatus.FAILED);
      assertThat(error(grown).type()).isEqualTo("context_limit");
    }
  }

  @Test
  void anAnswerThatDoesNotFitTheStepsSchemaIsRepaired() throws Exception {
    model.answers("four").answers("```json\n{\"pages\": 4}\n```");
    Checks checks =
        new Checks(
            WireJson.mapper()
                .readTree(
                    "{\"type\":\"object\",\"properties\":{\"pages\":{\"type\":\"integer\"}},"
                        + "\"required\":[\"pages\"]}"),
            null,
            null,
            null,
            null);
    try (Worker worker = start("")) {
      String id = server.submit(step().withChecks(checks));
      assertThat(server.await(id, "s", StepStatus.COMPLETED).finalResult())
          .isEqualTo("{\"pages\": 4}");
      assertThat(model.requests().getLast().path("messages").toString())
          .contains("must be JSON and nothing else");
    }
  }

  @Test
  void aModelOfTheTextualProtocolIsRepairedAndUsesTools() throws Exception {
    model
        .answers("Let me look.")
        .answers("Thought: look\nAction: read_file\nArguments: {\"path\": \"page-3.md\"}")
        .answers("Thought: seen\nAnswer: It is page 3.");
    try (Worker worker = start(", \"model\": " + model("\"text_protocol\": true"))) {
      String id = server.submit(step());
      assertThat(server.await(id, "s", StepStatus.COMPLETED).finalResult())
          .isEqualTo("It is page 3.");
      assertThat(model.requests().getFirst().has("tools")).isFalse();
    }
  }

  @Test
  void aToolOfTheListWaitsForAPersonWithoutASlot() throws Exception {
    model.calls("", "write_file", "{\"path\": \"out.md\", \"content\": \"x\"}");
    try (Worker worker = start(", \"need_approval\": [\"write_file\"]")) {
      String id = server.submit(step());
      var waiting = server.await(id, "s", StepStatus.AWAITING_APPROVAL);
      assertThat(Objects.requireNonNull(waiting.approval()).asked().path("tool").asString())
          .isEqualTo("write_file");
      Awaitility.await().until(() -> worker.running().isEmpty());
      assertThat(folder.resolve("out.md")).doesNotExist();
      model.answers("written");
      server.approve(id, "s", "fine");
      server.await(id, "s", StepStatus.COMPLETED);
      assertThat(folder.resolve("out.md")).hasContent("x");
    }
  }

  @Test
  void afterAnAuditTheAgentGetsItsNotes() throws Exception {
    model.answers("poor").answers("better");
    try (Worker worker = start("")) {
      String id = server.submit(step());
      server.await(id, "s", StepStatus.COMPLETED);
      server.sendBack(id, "s", "Name the page.");
      Awaitility.await().until(() -> "better".equals(server.step(id, "s").finalResult()));
      assertThat(model.requests().getLast().path("messages").toString())
          .contains("Name the page.")
          .contains("poor");
    }
  }

  @Test
  void whatAStreamingModelWritesIsShownWhileItWrites() throws Exception {
    String text = "It is a truth universally acknowledged, that a page has two sides.";
    model.answers(text);
    try (Worker worker = start(", \"model\": " + model("\"streaming\": true"))) {
      String id = server.submit(step());
      assertThat(server.await(id, "s", StepStatus.COMPLETED).finalResult()).isEqualTo(text);
      assertThat(server.shown()).isNotEmpty();
      assertThat(server.shown()).extracting(StreamedText::text).allMatch(text::startsWith);
      assertThat(server.usage(id).outputTokens()).isEqualTo(10);
    }
  }

  @Test
  void keysThatNobodyReadsAreNamed() throws Exception {
    ConfigFile file =
        ConfigFile.read(
            config(
                """
                , "instuctions": {}, "spool": "x", "limits": {"repairs": 1, "context": 5},
                "oidc": {"scopes": "x"},
                "mcp_servers": {"files": {"command": ["x"], "args": ["y"], "approved_tool": ["z"]}}
                """));
    assertThat(AgentSettings.unknown(file))
        .containsExactly(
            "instuctions",
            "limits.context",
            "mcp_servers.files.approved_tool",
            "mcp_servers.files.args",
            "oidc.scopes");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anAnswerThatTheProviderCutOffIsAskedForAgain(boolean streaming) throws Exception {
    model.cutOff("It was the best of times, it was").answers("It was the best of times.");
    try (Worker worker = start(", \"model\": " + model("\"streaming\": " + streaming))) {
      String id = server.submit(step());
      assertThat(server.await(id, "s", StepStatus.COMPLETED).finalResult())
          .isEqualTo("It was the best of times.");
      assertThat(model.requests()).hasSize(2);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anEmptyAnswerIsAskedForAgainAndNotForEver(boolean streaming) throws Exception {
    model.answers("").answers("").answers("").answers("of the next attempt");
    try (Worker worker =
        start(
            ", \"limits\": {\"repairs\": 2}, \"model\": " + model("\"streaming\": " + streaming))) {
      String id = server.submit(step());
      StepView step = server.await(id, "s", StepStatus.COMPLETED);
      assertThat(step.finalResult()).isEqualTo("of the next attempt");
      assertThat(step.attempt()).isEqualTo(2);
      assertThat(server.results(id, "s").getFirst().error().message()).contains("empty");
    }
  }

  @Test
  void whatWouldLeaveAToolUnguardedIsToldAtTheStart() {
    assertThatThrownBy(() -> start(", \"need_approval\": [\"write_fle\"]"))
        .hasMessageContaining("need_approval names write_fle")
        .hasMessageContaining("write_file");
    assertThatThrownBy(() -> start(", \"not_repeatable\": [\"files_burn\"]"))
        .hasMessageContaining("not_repeatable names files_burn");
    assertThatThrownBy(() -> start(", \"instructions\": {\"reseacher\": \"Be brief.\"}"))
        .hasMessageContaining("instructions names reseacher");
    assertThatThrownBy(
            () ->
                start(
                    ", \"mcp_servers\": {\"a b\": {\"command\": [\"x\"]}},"
                        + " \"need_approval\": [\"a_b_burn\", \"a_burn\"]"))
        .hasMessageContaining("need_approval names a_burn");
  }

  private Worker start(String more) throws IOException {
    ConfigFile file = ConfigFile.read(config(more));
    return AgentWorker.start(
        WorkerConfig.of(file), AgentSettings.of(file), Map.<String, String>of()::get);
  }

  /** The runnable worker, as it runs outside. */
  private Process process() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            WorkerCommand.class.getName(),
            "--config",
            config("").toString())
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("worker.log").toFile())
        .start();
  }

  private Path config(String more) throws IOException {
    String model = more.contains("\"model\"") ? "" : ", \"model\": " + model("");
    return Files.writeString(
        folder.resolve("config-" + System.nanoTime() + ".json"),
        """
        {"client_agent_id": "agent", "server_url": "%s", "auth_token": "%s",
         "agent_capabilities": ["%s"], "workspace": "%s"%s%s}
        """
            .formatted(server.url(), server.token(), AGENT, folder, model, more));
  }

  private String model(String more) {
    return "{\"provider\": \"openai\", \"name\": \"gpt-4o-mini\", \"base_url\": \""
        + model.baseUrl()
        + "\""
        + (more.isEmpty() ? "" : ", " + more)
        + "}";
  }

  private List<Iteration> history(String id) {
    return server.results(id, "s").getLast().raHistory().iterationList();
  }

  private StepError error(String id) {
    return Objects.requireNonNull(server.results(id, "s").getLast().error());
  }

  private static StepSpec step() {
    return StepSpec.of("s", "Read the pages", AGENT, List.of());
  }
}
