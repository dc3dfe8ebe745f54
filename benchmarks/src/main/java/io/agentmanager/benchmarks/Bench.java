package io.agentmanager.benchmarks;

import io.agentmanager.contracts.api.Role;
import io.agentmanager.contracts.api.TokenRequest;
import io.agentmanager.embedded.EmbeddedPostgreSql;
import io.agentmanager.embedded.FreePorts;
import io.agentmanager.local.stack.DataFolder;
import io.agentmanager.local.stack.SplitStack;
import io.agentmanager.worker.StepHandler;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The system under measure: a split stack of its own, and what clients of it need. */
final class Bench implements Target, AutoCloseable {
  private static final List<Role> ROLES = List.of(Role.ADMIN);
  private final DataFolder folder;
  private final int port;
  private final SplitStack stack;
  private final Settings settings;
  private final Map<String, String> tokens = new ConcurrentHashMap<>();

  private Bench(DataFolder folder, int port, SplitStack stack, Settings settings) {
    this.folder = folder;
    this.port = port;
    this.stack = stack;
    this.settings = settings;
  }

  /** Starts everything in an empty folder. */
  static Bench start(Path data, Settings settings) throws Exception {
    DataFolder folder = DataFolder.open(data);
    int port = FreePorts.next();
    return new Bench(folder, port, SplitStack.start(folder, port, false), settings);
  }

  @Override
  public Settings settings() {
    return settings;
  }

  @Override
  public Api api() throws Exception {
    return new Api("http://127.0.0.1:" + port, token());
  }

  /** The API as an administrator of a tenant of that name, which is new. */
  Api api(String tenant) throws Exception {
    String secret = api().token(new TokenRequest("benchmark", tenant, ROLES, null, null)).secret();
    tokens.put(tenant, secret);
    return new Api("http://127.0.0.1:" + port, secret);
  }

  /** Hears of what happens from now on. */
  Topic topic(String name, Consumer<ConsumerRecord<String, byte[]>> listener) {
    return new Topic(folder.bootstrapServers(), name, listener);
  }

  @Override
  public Worker worker(String capability, int parallel, StepHandler handler) throws Exception {
    return worker(token(), capability, parallel, handler);
  }

  /** Starts a worker of a tenant that {@link #api(String)} made. */
  Worker workerOf(String tenant, String capability, int parallel, StepHandler handler) {
    return worker(Objects.requireNonNull(tokens.get(tenant)), capability, parallel, handler);
  }

  private Worker worker(String token, String capability, int parallel, StepHandler handler) {
    URI url = URI.create("http://127.0.0.1:" + port);
    return Worker.builder(WorkerConfig.of(capability, url, token, parallel, List.of(capability)))
        .handlerForAll(handler)
        .start();
  }

  /** A connection to a database of the server that the system uses. */
  Connection connect(String database) throws SQLException {
    return DriverManager.getConnection(
        EmbeddedPostgreSql.jdbcUrl(folder.port("postgres"), database));
  }

  @Override
  public Ends ends(Runnable each) {
    Topic finished = topic("finished", record -> each.run());
    return new Ends() {
      @Override
      public void submitted(String workflow) {}

      @Override
      public long completed() throws SQLException {
        return Bench.this.completed();
      }

      @Override
      public void close() throws InterruptedException {
        finished.close();
      }
    };
  }

  /** How many workflows have completed, as the database says. */
  private long completed() throws SQLException {
    try (Connection connection = connect("task");
        var statement = connection.createStatement();
        var rows =
            statement.executeQuery("SELECT count(*) FROM workflow WHERE status = 'COMPLETED'")) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** Rows that scans of whole tables have read in the task-service's database. */
  long scanned() throws SQLException {
    try (Connection connection = connect("task");
        var statement = connection.createStatement();
        var rows = statement.executeQuery("SELECT sum(seq_tup_read) FROM pg_stat_user_tables")) {
      rows.next();
      return rows.getLong(1);
    }
  }

  /** Proportional set size of all processes of the system, in bytes; 0 where /proc is missing. */
  long resident() throws IOException {
    try (Stream<Path> pids = Files.list(folder.root().resolve("run"))) {
      long bytes = 0;
      for (Path pid : pids.filter(p -> p.toString().endsWith(".pid")).toList()) {
        bytes += ProcessHandle.of(number(pid)).map(Proc::proportional).orElse(0L);
      }
      return bytes;
    }
  }

  /** Threads of the operating system that a part has now; 0 where /proc is missing. */
  long threads(String part) throws IOException {
    return Proc.threads(number(folder.pid(part)));
  }

  private static long number(Path file) throws IOException {
    return Long.parseLong(Files.readString(file).strip());
  }

  @Override
  public void close() {
    stack.close();
  }

  private String token() throws Exception {
    return Files.readString(folder.token()).strip();
  }
}
