package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.embedded.FreePorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A stack as its users start it: {@code am up} in a process of its own. The split one is started
 * once for all tests of the module.
 */
public final class RunningSystem implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(150);

  /** How long the shared stack's leases are. */
  public static final Duration LEASE = Duration.ofSeconds(9);

  private static RunningSystem shared;

  private final Path data;
  private final int port;
  private final List<String> options;
  private final Map<String, String> environment;
  private Process process;

  private RunningSystem(Path data, List<String> options, Map<String, String> environment) {
    this.data = data;
    this.port = FreePorts.next();
    this.options = options;
    this.environment = environment;
  }

  /**
   * The split stack without a worker that all tests share. It takes the tokens of {@link
   * LocalProvider}, too, and its leases are shorter than usual.
   */
  public static synchronized RunningSystem split() {
    if (shared == null) {
      Map<String, String> environment =
          Map.of(
              "AGENTMANAGER_LEASES_HEARTBEAT_INTERVAL",
              LEASE.dividedBy(3).toString(),
              "AGENTMANAGER_METERS_PERIOD",
              "PT1S",
              "OIDC_ISSUER_URI",
              LocalProvider.get().issuer(),
              // Whoever wants to see a trace begins one.
              "OTEL_EXPORTER_OTLP_ENDPOINT",
              TraceCollector.get().endpoint(),
              "TRACING_SAMPLING_PROBABILITY",
              "0",
              "OTEL_BSP_SCHEDULE_DELAY",
              "200");
      shared = start(List.of("--split", "--no-worker"), environment);
      Runtime.getRuntime().addShutdownHook(new Thread(() -> shared.close()));
    }
    return shared;
  }

  /** A stack of one's own. */
  public static RunningSystem start(List<String> options, Map<String, String> environment) {
    try {
      Path data = Files.createTempDirectory("am-system-test");
      RunningSystem system = new RunningSystem(data, options, environment);
      system.up();
      return system;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The same stack on another folder, once this one has stopped. */
  RunningSystem movedTo(Path folder) throws IOException {
    RunningSystem moved = new RunningSystem(folder, options, environment);
    moved.up();
    return moved;
  }

  /** Starts the stack on its folder, and returns when it says that it is ready. */
  void up() throws IOException {
    Path output = data.resolve("up.log");
    Files.deleteIfExists(output);
    List<String> command =
        new ArrayList<>(Launcher.am("up", "--port", "" + port, "--data", "" + data));
    command.addAll(options);
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    process = builder.start();
    Awaitility.await()
        .atMost(PATIENCE)
        .failFast("the stack ended: " + output, () -> !process.isAlive())
        .until(() -> Files.readString(output).contains("AgentManager ready at"));
  }

  /** Stops the stack as Ctrl-C does. */
  void down() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(40, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("the stack did not stop within 40 s");
    }
  }

  Api api() {
    return new Api(url(), token());
  }

  /** The API for a new token of a tenant with these roles. */
  Api api(String tenant, String... roles) {
    String named = Stream.of(roles).map("\"%s\""::formatted).collect(Collectors.joining(", "));
    Api.Answer made =
        api()
            .post(
                "/v1/tokens",
                """
                {"name": "%s-of-%s", "tenant": "%s", "roles": [%s]}
                """
                    .formatted(roles[0], tenant, tenant, named));
    assertThat(made.status()).as(made.toString()).isEqualTo(201);
    return new Api(url(), made.text("secret"));
  }

  /** The loopback port of a part, by its name in the folder of the stack. */
  public int port(String part) {
    Properties ports = new Properties();
    try (var reader = Files.newBufferedReader(data.resolve("run/ports.properties"))) {
      ports.load(reader);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return Integer.parseInt(ports.getProperty(part));
  }

  /** Whether every part of a split stack serves. */
  public boolean isReady() {
    return IntStream.of(port, port("planner-service"), port("task-service"), port("audit-service"))
        .allMatch(RunningSystem::serves);
  }

  private static boolean serves(int address) {
    return new Api(URI.create("http://127.0.0.1:" + address), "").get("/readyz").status() == 200;
  }

  public URI url() {
    return URI.create("http://127.0.0.1:" + port);
  }

  public Path data() {
    return data;
  }

  public String token() {
    try {
      return Files.readString(data.resolve("token")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      down();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
