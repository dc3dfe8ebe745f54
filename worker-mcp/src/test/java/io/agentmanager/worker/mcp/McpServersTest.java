package io.agentmanager.worker.mcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.langchain4j.agent.tool.ToolSpecification;
import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.StepContext;
import io.agentmanager.worker.agent.Agent;
import io.agentmanager.worker.agent.AgentTool;
import io.agentmanager.worker.testing.ScriptedModel;
import io.agentmanager.worker.testing.SettableClock;
import io.agentmanager.worker.testing.TestStep;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With a real server, in a process of its own, over both transports. */
@Execution(ExecutionMode.CONCURRENT)
@Timeout(120)
class McpServersTest {
  private final SettableClock clock = new SettableClock(Instant.parse("2026-03-01T12:00:00Z"));
  private final StepContext step = new StepContext(TestStep.of("s", "x").task(), turn -> {});
  private final List<Process> processes = new ArrayList<>();
  private final List<McpServers> opened = new ArrayList<>();
  @TempDir private Path folder;
  private int started;
  private int lastPort;

  enum Transport {
    STDIO,
    HTTP
  }

  @AfterEach
  void stop() {
    opened.forEach(McpServers::close);
    processes.forEach(Process::destroyForcibly);
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void toolsAreOfferedUnderTheServersNameAndCalled(Transport transport) throws Exception {
    McpServers servers = servers(Map.of("my files", server(transport)));
    AgentTool echo = tool(servers, "my_files_echo");
    assertThat(echo.specification().description()).isEqualTo("Does echo");
    assertThat(echo.call("{\"text\": \"hello\"}", step)).isEqualTo("echo hello");
    assertThat(echo.isRepeatable()).as("the server says that it is read-only").isTrue();
    assertThat(tool(servers, "my_files_send").isRepeatable()).isFalse();
    assertThatThrownBy(() -> tool(servers, "my_files_fail").call("{}", step))
        .hasMessageContaining("no such thing");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void onlyAllowedToolsAreOffered(Transport transport) throws Exception {
    McpServers servers = servers(Map.of("s", server(transport).allowing("echo", "pid")));
    assertThat(servers.tools())
        .extracting(tool -> tool.specification().name())
        .containsExactlyInAnyOrder("s_echo", "s_pid");
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aServerThatIsKilledInTheMiddleOfACallIsConnectedAnewAtTheNextOne(Transport transport)
      throws Exception {
    McpServers servers = servers(Map.of("s", server(transport)));
    AgentTool die = tool(servers, "s_die");
    String before = tool(servers, "s_pid").call("{}", step);
    long began = System.nanoTime();
    assertThatThrownBy(() -> die.call("{}", step))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not known whether the call had its effect");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(25));
    if (transport == Transport.HTTP) {
      startHttp(lastPort);
    }
    AgentTool pid = tool(servers, "s_pid");
    String after =
        Awaitility.await()
            .atMost(Duration.ofSeconds(40))
            .ignoreExceptions()
            .until(() -> pid.call("{}", step), answer -> !answer.equals(before));
    assertThat(after).isNotBlank();
  }

  @ParameterizedTest
  @EnumSource(Transport.class)
  void aCallThatIsNotAnsweredInTimeFails(Transport transport) throws Exception {
    McpServers servers = servers(Map.of("s", server(transport).within(Duration.ofSeconds(8))));
    assertThatThrownBy(() -> tool(servers, "s_hang").call("{}", step))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("in time");
  }

  @Test
  void aServerThatCannotBeStartedHoldsUpNobodyAndIsSoonLeftAlone() throws Exception {
    McpServers servers =
        servers(
            Map.of(
                "bad",
                McpServerConfig.stdio("/nowhere/at-all"),
                "gone",
                McpServerConfig.http(URI.create("http://127.0.0.1:1/mcp"))));
    for (int i = 0; i < 5; i++) {
      assertThat(servers.tools()).isEmpty();
    }
    McpServer left = new McpServer("left", McpServerConfig.stdio("/nowhere/at-all"), clock);
    for (int i = 0; i < 3; i++) {
      assertThat(left.tools()).isEmpty();
    }
    AgentTool tool =
        new McpTool(
            left,
            "left",
            McpServerConfig.stdio("x"),
            ToolSpecification.builder().name("any").build());
    assertThatThrownBy(() -> tool.call("{}", step)).hasMessageContaining("is left alone for 30 s");
  }

  @Test
  void aServerThatNeverAnswersHoldsUpStepsOnceAndCanBeInterrupted() throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
      URI url = URI.create("http://127.0.0.1:" + silent.getLocalPort() + "/mcp");
      McpServers servers =
          servers(
              Map.of(
                  "silent",
                  McpServerConfig.http(url).within(Duration.ofSeconds(8)),
                  "good",
                  server(Transport.STDIO)));
      assertThat(servers.tools()).as("the good one's").isNotEmpty();
      long began = System.nanoTime();
      assertThat(servers.tools()).isNotEmpty();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(7));
      servers.closeIdle();
    }
  }

  @Test
  void aSlowCallDoesNotBreakTheOthersOfItsConnection() throws Exception {
    McpServers servers =
        servers(Map.of("s", server(Transport.STDIO).within(Duration.ofSeconds(14))));
    AgentTool wait = tool(servers, "s_wait");
    CompletableFuture<String> slow = call(tool(servers, "s_hang"), "{}");
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .pollDelay(Duration.ofSeconds(6))
        .until(() -> !slow.isDone());
    // Begun while the other hangs, and under way when that one is given up.
    CompletableFuture<String> other = call(wait, "{\"text\": \"10000\"}");
    assertThatThrownBy(slow::join).hasMessageContaining("in time");
    assertThat(other.join()).isEqualTo("waited 10000");
  }

  private CompletableFuture<String> call(AgentTool tool, String arguments) {
    return CompletableFuture.supplyAsync(
        () -> {
          try {
            return tool.call(arguments, step);
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        },
        Thread::startVirtualThread);
  }

  @Test
  void namesThatNoToolOfTheServerHasAreTold() throws Exception {
    McpServerConfig config = server(Transport.STDIO).allowing("echo", "ecko");
    try (McpServer server = new McpServer("my files", config, clock)) {
      assertThat(server.tools())
          .extracting(tool -> tool.specification().name())
          .containsExactly("my_files_echo");
      assertThat(server.unknownNames()).containsExactly("ecko");
      assertThat(server.mayOffer("my_files_echo")).isTrue();
      assertThat(server.mayOffer("files_echo")).isFalse();
    }
  }

  @Test
  void toolsAreListedOnceAMinute() throws Exception {
    McpServers servers = servers(Map.of("s", server(Transport.STDIO)));
    servers.tools();
    clock.advance(Duration.ofMinutes(6));
    servers.closeIdle();
    assertThat(servers.connected()).isZero();
    clock.advance(Duration.ofMinutes(-6));
    assertThat(servers.tools()).isNotEmpty();
    assertThat(servers.connected()).as("nobody is asked for what is known").isZero();
  }

  @Test
  void aServerThatIsDownBringsTheToolsThatItHadBefore() throws Exception {
    McpServers servers = servers(Map.of("s", server(Transport.HTTP)));
    int all = servers.tools().size();
    processes.forEach(Process::destroyForcibly);
    assertThat(all).isPositive();
    clock.advance(Duration.ofMinutes(2));
    assertThat(servers.tools()).as("asked again, in vain").hasSize(all);
  }

  @Test
  void aConnectionThatNobodyUsedForFiveMinutesIsClosedAndMadeAnew() throws Exception {
    McpServers servers = servers(Map.of("s", server(Transport.STDIO)));
    AgentTool pid = tool(servers, "s_pid");
    String first = pid.call("{}", step);
    assertThat(pid.call("{}", step)).as("one process for all").isEqualTo(first);
    clock.advance(Duration.ofMinutes(4));
    servers.closeIdle();
    assertThat(servers.connected()).isEqualTo(1);
    clock.advance(Duration.ofMinutes(2));
    servers.closeIdle();
    assertThat(servers.connected()).isZero();
    awaitEnd(first);
    assertThat(pid.call("{}", step)).isNotEqualTo(first);
  }

  @Test
  void aServerThatReadsNoMoreHoldsUpNeitherACallNorTheEnd() throws Exception {
    McpServers servers =
        servers(Map.of("s", server(Transport.STDIO).within(Duration.ofSeconds(8))));
    AgentTool echo = tool(servers, "s_echo");
    String pid = tool(servers, "s_pid").call("{}", step);
    assertThat(new ProcessBuilder("kill", "-STOP", pid).start().waitFor()).isZero();
    String more = "x".repeat(300_000);
    long began = System.nanoTime();
    assertThatThrownBy(() -> echo.call("{\"text\": \"" + more + "\"}", step))
        .isInstanceOf(IOException.class);
    servers.close();
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(25));
    awaitEnd(pid);
  }

  @Test
  void aServerThatIsLeftAloneIsTriedAgainAfterHalfAMinute() throws Exception {
    McpServers servers = servers(Map.of("s", server(Transport.HTTP)));
    AgentTool echo = tool(servers, "s_echo");
    processes.removeLast().destroyForcibly().waitFor();
    Awaitility.await()
        .until(
            () -> catchThrowable(() -> echo.call("{}", step)).getMessage(),
            why -> why.contains("is left alone for 30 s"));
    startHttp(lastPort);
    assertThatThrownBy(() -> echo.call("{}", step)).hasMessageContaining("is left alone");
    clock.advance(Duration.ofSeconds(31));
    assertThat(echo.call("{\"text\": \"back\"}", step)).isEqualTo("echo back");
    assertThat(echo.call("{\"text\": \"to stay\"}", step)).isEqualTo("echo to stay");
  }

  @Test
  void thirtySecondsAreTheTimeOfACallUnlessAnotherIsSet() throws Exception {
    assertThat(server(Transport.STDIO).time()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void aShortTimeForCallsIsNoneForTheStartOfAProcess() throws Exception {
    String java =
        Stream.of(command("stdio")).map(part -> "'" + part + "'").collect(Collectors.joining(" "));
    McpServerConfig brief =
        McpServerConfig.stdio("sh", "-c", "sleep 7; exec " + java).within(Duration.ofSeconds(4));
    assertThat(servers(Map.of("s", brief)).tools()).isNotEmpty();
    assertThat(brief.startTime()).isEqualTo(Duration.ofSeconds(30));
    assertThat(brief.within(Duration.ofMinutes(1)).startTime()).isEqualTo(Duration.ofMinutes(1));
    McpServerConfig web = McpServerConfig.http(URI.create("http://127.0.0.1:1/mcp"));
    assertThat(web.within(Duration.ofSeconds(4)).startTime()).isEqualTo(Duration.ofSeconds(4));
  }

  @Test
  void aServerThatIsClosedWhileItStartsLeavesNoProcess() throws Exception {
    Path pid = folder.resolve("pid");
    McpServers servers =
        servers(
            Map.of(
                "s",
                McpServerConfig.stdio(
                    "sh", "-c", "echo $$ > " + pid + "; trap '' TERM; while :; do sleep 1; done")));
    CompletableFuture<Boolean> listed =
        CompletableFuture.supplyAsync(() -> servers.tools().isEmpty(), Thread::startVirtualThread);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> Files.exists(pid) && !Files.readString(pid).isBlank());
    servers.close();
    awaitEnd(Files.readString(pid).strip());
    assertThat(listed).succeedsWithin(Duration.ofSeconds(20));
  }

  @Test
  void nothingIsStartedOnceTheServersAreClosed() throws Exception {
    McpServer server = new McpServer("late", server(Transport.STDIO), clock);
    server.close();
    assertThat(server.tools()).isEmpty();
    ToolSpecification any = ToolSpecification.builder().name("any").build();
    assertThatThrownBy(() -> server.call(any, "{}")).hasMessageContaining("late is closed");
    assertThat(server.isConnected()).isFalse();
  }

  private static void awaitEnd(String pid) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .until(
            () -> ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive).isEmpty());
  }

  @Test
  void aServersProcessDoesNotSeeTheWorkersEnvironment() throws Exception {
    McpServerConfig own = server(Transport.STDIO);
    McpServerConfig config =
        new McpServerConfig(
            own.command(), Map.of("GIVEN", "yes"), null, null, null, null, null, null, null);
    McpServers servers = servers(Map.of("s", config));
    AgentTool env = tool(servers, "s_env");
    assertThat(System.getenv("MCP_TEST_SECRET")).isEqualTo("of the worker");
    assertThat(env.call("{\"text\": \"MCP_TEST_SECRET\"}", step)).isEqualTo("null");
    assertThat(env.call("{\"text\": \"GIVEN\"}", step)).isEqualTo("yes");
    assertThat(env.call("{\"text\": \"PATH\"}", step)).isNotEqualTo("null");
  }

  @Test
  void anAgentUsesTheToolsOfAServer() throws Exception {
    McpServers servers = servers(Map.of("s", server(Transport.STDIO)));
    ScriptedModel model =
        new ScriptedModel().calls("", "s_echo", "{\"text\": \"it\"}").answers("it says so");
    Agent agent = Agent.builder(model).toolsFor(s -> servers.tools()).build();
    assertThat(agent.handle(step)).isEqualTo(Outcome.completed("it says so"));
    assertThat(model.requests().getLast().messages().toString()).contains("echo it");
  }

  @Test
  void aConfigurationThatCannotBeUsedIsToldAtTheStart() {
    assertThatThrownBy(
            () ->
                McpServers.of(
                    Map.of(
                        "s",
                        new McpServerConfig(null, null, null, null, null, null, null, null, null))))
        .hasMessageContaining("mcp_servers.s needs either a command or a url");
  }

  @Test
  void theFilesThatACallNamesAreLockedWhereTheConfigurationSaysWhichTheyAre() {
    McpServerConfig config =
        new McpServerConfig(
            List.of("x"),
            null,
            null,
            null,
            null,
            null,
            null,
            Map.of("move", Map.of("from", AccessType.READ, "to", AccessType.WRITE)),
            null);
    McpTool move =
        new McpTool(
            new McpServer("files", config, clock),
            "files",
            config,
            ToolSpecification.builder().name("move").build());
    assertThat(
            move.files(
                WireJson.mapper().readTree("{\"from\": \"a.md\", \"to\": \"b.md\", \"x\": 1}")))
        .isEqualTo(Map.of("a.md", AccessType.READ, "b.md", AccessType.WRITE));
  }

  @Test
  void aLongNameIsCutAndStaysItsOwn() {
    String name = McpTool.name("server", "x".repeat(100) + "a");
    assertThat(name).hasSize(64).matches("[A-Za-z0-9_-]+");
    assertThat(name).isNotEqualTo(McpTool.name("server", "x".repeat(100) + "b"));
  }

  private McpServers servers(Map<String, McpServerConfig> configs) {
    McpServers servers = McpServers.of(configs, clock);
    opened.add(servers);
    return servers;
  }

  private static AgentTool tool(McpServers servers, String name) {
    return servers.tools().stream()
        .filter(tool -> tool.specification().name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  private McpServerConfig server(Transport transport) throws Exception {
    return switch (transport) {
      case STDIO -> McpServerConfig.stdio(command("stdio"));
      case HTTP -> McpServerConfig.http(URI.create("http://127.0.0.1:" + http() + "/mcp"));
    };
  }

  private int http() throws Exception {
    startHttp(0);
    return lastPort;
  }

  private void startHttp(int wanted) throws Exception {
    Path home = Files.createDirectories(folder.resolve("http-" + started++));
    Path port = home.resolve("port");
    processes.add(
        new ProcessBuilder(command(home.toString(), port.toString(), "" + wanted))
            .redirectErrorStream(true)
            .redirectOutput(home.resolve("log").toFile())
            .start());
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> Files.exists(port));
    lastPort = Integer.parseInt(Files.readString(port));
  }

  private static String[] command(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                McpTestServer.class.getName()));
    command.addAll(List.of(arguments));
    return command.toArray(String[]::new);
  }
}
