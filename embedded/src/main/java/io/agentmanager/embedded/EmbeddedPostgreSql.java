package io.agentmanager.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;

/**
 * One PostgreSQL server as a child process, with durability on, in a folder that outlives it. When
 * the JVM was killed, the next start takes up the orphan.
 */
public final class EmbeddedPostgreSql implements AutoCloseable {
  private static final Map<String, String> SETTINGS =
      Map.of(
          "fsync", "on",
          "synchronous_commit", "on",
          "full_page_writes", "on",
          "max_connections", "120",
          "shared_buffers", "128MB",
          "wal_compression", "on",
          "max_wal_size", "1GB",
          "idle_in_transaction_session_timeout", "30s",
          "log_min_messages", "warning");

  private static final String LOCK = "epg-lock";

  private final EmbeddedPostgres server;

  private EmbeddedPostgreSql(EmbeddedPostgres server) {
    this.server = server;
  }

  /** Starts the server on a loopback port. */
  public static EmbeddedPostgreSql start(Path folder, int port) throws IOException {
    Files.createDirectories(folder.toAbsolutePath().getParent());
    keepToItsOwner(folder);
    EmbeddedPostgres.Builder builder =
        EmbeddedPostgres.builder()
            .setDataDirectory(folder.toAbsolutePath())
            .setCleanDataDirectory(false)
            .setOverrideWorkingDirectory(folder.resolveSibling("postgres-binaries").toFile())
            .setPort(port)
            .setPGStartupWait(Duration.ofSeconds(60))
            .setRegisterShutdownHook(false)
            .setErrorRedirector(ProcessBuilder.Redirect.DISCARD)
            .setOutputRedirector(ProcessBuilder.Redirect.DISCARD);
    SETTINGS.forEach(builder::setServerConfig);
    return new EmbeddedPostgreSql(builder.start());
  }

  /** A folder that was copied has the modes of the copy, and the server refuses most of them. */
  private static void keepToItsOwner(Path folder) throws IOException {
    if (Files.exists(folder) && Files.getFileStore(folder).supportsFileAttributeView("posix")) {
      Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }
  }

  /**
   * Starts the server of a folder again after it died under this JVM, which still holds the lock
   * that keeps other JVMs away from the folder.
   */
  public static EmbeddedPostgreSql startAgain(Path folder, int port) throws IOException {
    Files.deleteIfExists(folder.resolve(LOCK));
    return start(folder, port);
  }

  /** Makes a database if there is none of that name, and returns its JDBC URL. */
  public String database(String name) {
    if (!name.matches("[a-z_]{1,30}")) {
      throw new IllegalArgumentException("not a database name: " + name);
    }
    try (Connection connection = server.getPostgresDatabase().getConnection();
        Statement statement = connection.createStatement()) {
      if (!exists(statement, name)) {
        statement.execute("CREATE DATABASE " + name);
      }
    } catch (SQLException e) {
      throw new UncheckedIOException(new IOException("cannot make database " + name, e));
    }
    return jdbcUrl(server.getPort(), name);
  }

  /** The URL of a database on such a server. */
  public static String jdbcUrl(int port, String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database + "?user=postgres";
  }

  @Override
  public void close() throws IOException {
    server.close();
  }

  private static boolean exists(Statement statement, String name) throws SQLException {
    try (ResultSet found =
        statement.executeQuery("SELECT 1 FROM pg_database WHERE datname = '" + name + "'")) {
      return found.next();
    }
  }
}
