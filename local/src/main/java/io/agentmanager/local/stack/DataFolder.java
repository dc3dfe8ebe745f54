package io.agentmanager.local.stack;

import io.agentmanager.embedded.FreePorts;
import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;

/**
 * The folder of a local stack: data, logs, token, pids, and the ports that its parts use, which
 * stay the same from run to run.
 */
public final class DataFolder {
  private static final List<String> NAMES =
      List.of(
          "postgres",
          "kafka",
          "kafka-controller",
          "planner-service",
          "task-service",
          "audit-service",
          "gateway-management",
          "planner-service-management",
          "task-service-management",
          "audit-service-management");
  private final Path root;
  private final Properties ports;
  private final Secrets secrets;

  private DataFolder(Path root, Properties ports, Secrets secrets) {
    this.root = root;
    this.ports = ports;
    this.secrets = secrets;
  }

  /** Opens a folder, making it and what it lacks. */
  public static synchronized DataFolder open(Path folder) throws IOException {
    Path root = folder.toAbsolutePath().normalize();
    Files.createDirectories(root.resolve("run"));
    Files.createDirectories(root.resolve("logs"));
    Files.createDirectories(root.resolve("workspace"));
    return new DataFolder(root, ports(root), Secrets.open(root.resolve("run")));
  }

  /** The folder itself. */
  public Path root() {
    return root;
  }

  /** Where logs go. */
  public Path logs() {
    return root.resolve("logs");
  }

  /** The administrator's token. */
  public Path token() {
    return root.resolve("token");
  }

  /** The built-in worker's files. */
  public Path workspace() {
    String elsewhere = System.getenv("AM_WORKSPACE");
    return elsewhere == null || elsewhere.isBlank()
        ? root.resolve("workspace")
        : Path.of(elsewhere).toAbsolutePath();
  }

  /** Where the stack last served; read by the client commands. */
  public Path url() {
    return root.resolve("run").resolve("url");
  }

  /** Where the stack's broker listens. */
  public String bootstrapServers() {
    return "127.0.0.1:" + port("kafka");
  }

  /** The file with the process id of a part of a split stack. */
  public Path pid(String name) {
    return root.resolve("run").resolve(name + ".pid");
  }

  Path postgres() {
    return root.resolve("postgres");
  }

  Path kafka() {
    return root.resolve("kafka");
  }

  /** The loopback port of a part. */
  public int port(String name) {
    return Integer.parseInt(ports.getProperty(name));
  }

  /** What the parts share and keep to themselves. */
  Secrets secrets() {
    return secrets;
  }

  private static Properties ports(Path root) throws IOException {
    Path file = root.resolve("run").resolve("ports.properties");
    Properties ports = new Properties();
    if (Files.exists(file)) {
      try (Reader reader = Files.newBufferedReader(file)) {
        ports.load(reader);
      }
    }
    boolean grew = false;
    for (String name : NAMES) {
      grew |= ports.putIfAbsent(name, Integer.toString(FreePorts.next())) == null;
    }
    if (grew) {
      try (Writer writer = Files.newBufferedWriter(file)) {
        ports.store(writer, "loopback ports of this stack");
      }
    }
    return ports;
  }
}
