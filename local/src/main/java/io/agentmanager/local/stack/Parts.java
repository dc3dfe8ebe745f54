package io.agentmanager.local.stack;

import io.agentmanager.audit.AuditService;
import io.agentmanager.embedded.EmbeddedKafka;
import io.agentmanager.embedded.EmbeddedPostgreSql;
import io.agentmanager.gateway.Gateway;
import io.agentmanager.planner.PlannerService;
import io.agentmanager.task.TaskService;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.cli.AgentSettings;
import io.agentmanager.worker.cli.AgentWorker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** Starts the parts of a stack by name, with what its folder says of ports and secrets. */
public final class Parts {
  /** The services, in the order of their start. */
  public static final List<String> SERVICES =
      List.of("planner-service", "task-service", "audit-service", "gateway");

  static final String KAFKA = "kafka";
  static final String POSTGRES = "postgres";
  static final String WORKER = "worker-client";
  private static final int PARALLEL = 4;

  private Parts() {}

  /**
   * Starts a part and returns when it serves.
   *
   * @param port of the gateway
   * @throws IllegalArgumentException for a name that no part has
   */
  public static Part start(String name, DataFolder folder, int port) throws Exception {
    return switch (name) {
      case KAFKA -> kafka(folder);
      case POSTGRES -> postgres(EmbeddedPostgreSql.start(folder.postgres(), folder.port(POSTGRES)));
      case "planner-service" -> service(PlannerService.application(), name, folder, port);
      case "task-service" -> service(TaskService.application(), name, folder, port);
      case "audit-service" -> service(AuditService.application(), name, folder, port);
      case "gateway" -> service(Gateway.application(), name, folder, port);
      case WORKER -> worker(folder, port);
      default -> throw new IllegalArgumentException("there is no part " + name);
    };
  }

  /** Where a service says whether it is ready: with status 200. */
  public static String healthUrl(String name, DataFolder folder, int port) {
    int at = name.equals("gateway") ? port : folder.port(name);
    return "http://127.0.0.1:" + at + "/readyz";
  }

  private static Part kafka(DataFolder folder) throws Exception {
    EmbeddedKafka kafka =
        EmbeddedKafka.start(folder.kafka(), folder.port(KAFKA), folder.port("kafka-controller"));
    return kafka::close;
  }

  /** Starts PostgreSQL again after it died. */
  static Part postgresAgain(DataFolder folder) throws IOException {
    return postgres(EmbeddedPostgreSql.startAgain(folder.postgres(), folder.port(POSTGRES)));
  }

  private static Part postgres(EmbeddedPostgreSql server) {
    List.of("gateway", "planner", "task", "audit").forEach(server::database);
    return () -> {
      try {
        server.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    };
  }

  private static Part service(
      SpringApplication application, String name, DataFolder folder, int port) {
    application.setRegisterShutdownHook(false);
    ConfigurableApplicationContext context =
        application.run(arguments(name, folder, port).toArray(String[]::new));
    return context::close;
  }

  private static Part worker(DataFolder folder, int port) throws IOException {
    WorkerConfig config =
        WorkerConfig.of(
                "built-in",
                URI.create("http://127.0.0.1:" + port),
                Files.readString(folder.token()).strip(),
                PARALLEL,
                List.of("researcher", "writer", "analyst"))
            .withWorkspace(folder.workspace());
    Worker worker = AgentWorker.start(config, AgentSettings.none(), System::getenv);
    return worker::close;
  }

  static List<String> arguments(String name, DataFolder folder, int port) {
    List<String> arguments = new ArrayList<>();
    arguments.add("--server.port=" + (name.equals("gateway") ? port : folder.port(name)));
    arguments.add("--management.server.port=" + folder.port(name + "-management"));
    arguments.add("--management.server.address=127.0.0.1");
    arguments.add("--agentmanager.internal.secret=" + folder.secrets().internal());
    arguments.add("--agentmanager.diagnostics.data-folder=" + folder.root());
    if (name.equals("gateway")) {
      arguments.add("--agentmanager.encryption.keys=" + folder.secrets().encryptionKeys());
    }
    if (name.equals("audit-service")) {
      arguments.add("--agentmanager.trail.keys=" + folder.secrets().trailKeys());
      arguments.add("--agentmanager.trail.signing-key=" + folder.secrets().trailSigningKey());
    }
    arguments.add("--agentmanager.topics.partitions=3");
    arguments.add("--agentmanager.gateway.token-file=" + folder.token());
    arguments.add(
        "--spring.datasource.url="
            + EmbeddedPostgreSql.jdbcUrl(folder.port(POSTGRES), name.replace("-service", "")));
    arguments.add("--spring.kafka.bootstrap-servers=" + folder.bootstrapServers());
    for (String service : List.of("planner", "task", "audit")) {
      arguments.add(
          "--agentmanager.services."
              + service
              + "=http://127.0.0.1:"
              + folder.port(service + "-service"));
    }
    return arguments;
  }
}
