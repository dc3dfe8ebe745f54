package io.agentmanager.task;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.embedded.EmbeddedKafka;
import io.agentmanager.embedded.EmbeddedPostgreSql;
import io.agentmanager.embedded.FreePorts;
import io.agentmanager.http.Caller;
import io.agentmanager.http.InternalTokens;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import tools.jackson.databind.JsonNode;

/** The task-service alone, in one or more replicas, on a real database and a real broker. */
public final class RunningService implements AutoCloseable {
  private static final String SECRET = "0123456789abcdef0123456789abcdef";
  private final Path folder;
  private final int postgresPort;
  private EmbeddedPostgreSql postgres;
  private EmbeddedKafka kafka;
  private final String bootstrap;
  private final String url;
  private final List<ConfigurableApplicationContext> replicas = new ArrayList<>();
  private final List<Integer> ports = new ArrayList<>();
  private final InternalTokens tokens =
      new InternalTokens(SECRET, "gateway", InstantSource.system());
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private RunningService(Path folder) throws Exception {
    this.folder = folder;
    this.postgresPort = FreePorts.next();
    this.postgres = EmbeddedPostgreSql.start(folder.resolve("postgres"), postgresPort);
    this.kafka = EmbeddedKafka.start(folder.resolve("kafka"), FreePorts.next(), FreePorts.next());
    this.bootstrap = kafka.bootstrapServers();
    this.url = postgres.database("task");
  }

  /** Starts that many replicas with these settings, such as {@code a.b=c}. */
  public static RunningService start(int replicas, String... settings) {
    try {
      Path folder = Files.createTempDirectory("task-service-test");
      RunningService service = new RunningService(folder);
      for (int i = 0; i < replicas; i++) {
        service.startReplica(settings);
      }
      return service;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private void startReplica(String... settings) {
    int port = FreePorts.next();
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--server.port=" + port,
                "--agentmanager.internal.secret=" + SECRET,
                "--agentmanager.topics.partitions=3",
                "--spring.datasource.url=" + url,
                "--spring.kafka.bootstrap-servers=" + bootstrap));
    for (String setting : settings) {
      arguments.add("--" + setting);
    }
    var application = TaskService.application();
    application.setRegisterShutdownHook(false);
    replicas.add(application.run(arguments.toArray(String[]::new)));
    ports.add(port);
  }

  /** A bean of the first replica. */
  public <T> T bean(Class<T> type) {
    return bean(0, type);
  }

  /** A bean of a replica. */
  public <T> T bean(int replica, Class<T> type) {
    return replicas.get(replica).getBean(type);
  }

  /** The database as its owner sees it. */
  public JdbcTemplate asOwner() {
    return new JdbcTemplate(new DriverManagerDataSource(url));
  }

  /** Where the broker listens. */
  public String bootstrapServers() {
    return bootstrap;
  }

  /** Stops the database under the service. */
  public void stopDatabase() throws IOException {
    postgres.close();
  }

  /** Starts the database again where it was. */
  public void startDatabase() throws IOException {
    postgres = EmbeddedPostgreSql.start(folder.resolve("postgres"), postgresPort);
  }

  /** Stops the broker under the service. */
  public void stopBroker() {
    kafka.close();
  }

  /** An answer. */
  public record Answer(int status, JsonNode body) {}

  /** Calls a replica as the gateway would, for an administrator of the tenant {@code default}. */
  public Answer call(int replica, String method, String path, Object body) {
    return call(replica, "admin", method, path, body);
  }

  /** Calls a replica for somebody with that role in the tenant {@code default}. */
  public Answer call(int replica, String role, String method, String path, Object body) {
    return call(
        replica,
        new Caller(new TenantId("default"), "test", Set.of(role), Set.of()),
        method,
        path,
        body);
  }

  /** Calls a replica for somebody. */
  public Answer call(int replica, Caller caller, String method, String path, Object body) {
    byte[] json = body == null ? new byte[0] : WireJson.mapper().writeValueAsBytes(body);
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + ports.get(replica) + path))
            .timeout(Duration.ofSeconds(40))
            .header("Authorization", "Bearer " + tokens.mint(caller))
            .header("Content-Type", "application/json")
            .method(method, HttpRequest.BodyPublishers.ofByteArray(json))
            .build();
    try {
      HttpResponse<byte[]> response = http.send(request, HttpResponse.BodyHandlers.ofByteArray());
      return new Answer(
          response.statusCode(),
          response.body().length == 0
              ? WireJson.mapper().nullNode()
              : WireJson.mapper().readTree(response.body()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    replicas.forEach(ConfigurableApplicationContext::close);
    kafka.close();
    try {
      postgres.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
