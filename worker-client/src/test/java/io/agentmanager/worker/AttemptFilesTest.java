package io.agentmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.agentmanager.contracts.api.AccessType;
import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.file.WorkspacePath;
import io.agentmanager.worker.testing.TestStep;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of an attempt, at a server that grants every lock and notes what is let go. */
class AttemptFilesTest {
  private static final Duration SOON = Duration.ofMillis(150);
  @TempDir private Path workspace;
  private final List<String> letGo = Collections.synchronizedList(new ArrayList<>());
  private HttpServer server;
  private AttemptFiles files;
  private OsFileLocks others;

  @BeforeEach
  void anAttemptThatDeclaresOneFile() throws Exception {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/locks",
        exchange -> {
          exchange.getRequestBody().readAllBytes();
          boolean release = exchange.getRequestMethod().equals("DELETE");
          if (release) {
            letGo.add(exchange.getRequestURI().getPath());
            exchange.sendResponseHeaders(204, -1);
          } else {
            byte[] answer =
                "{\"lock_id\": \"l\", \"expires_at\": \"2026-03-01T12:00:00Z\"}"
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(201, answer.length);
            exchange.getResponseBody().write(answer);
          }
          exchange.close();
        });
    server.start();
    URI url = URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    WorkerConfig config = WorkerConfig.of("w", url, "t", 1, List.of("a"));
    others = new OsFileLocks(workspace);
    files =
        new AttemptFiles(
            new GatewayClient(config, WorkerListener.NONE),
            "w",
            task(),
            new OsFileLocks(workspace));
    files.takeDeclared();
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void whatTheStepDeclaresStaysHeldUntilTheAttemptEnds() throws Exception {
    files.take("declared.md", AccessType.WRITE, SOON).close();
    assertThat(letGo).isEmpty();
    assertTaken("declared.md");
    files.close();
    assertFree("declared.md");
  }

  @Test
  void aFileIsLetGoWhenTheLastOfThoseThatAskedForItCloses() throws Exception {
    HeldFile first = files.take("found.md", AccessType.READ, SOON);
    HeldFile second = files.take("found.md", AccessType.WRITE, SOON);
    first.close();
    first.close();
    assertTaken("found.md");
    assertThat(letGo).isEmpty();
    second.close();
    assertThat(letGo).containsExactly("/v1/locks/l");
    assertFree("found.md");
  }

  @Test
  void anUpgradeThatFailsLeavesTheRestInOrder() throws Exception {
    HeldFile reading = files.take("found.md", AccessType.READ, SOON);
    OsFileLocks.Held other = others.take(path("found.md"), AccessType.READ, SOON);
    assertThatThrownBy(() -> files.take("found.md", AccessType.WRITE, SOON))
        .hasMessageContaining("found.md");
    reading.close();
    files.close();
    other.close();
    assertFree("found.md");
  }

  @Test
  void aSymbolicLinkDoesNotLeadOutAndTwoNamesOfAFileAreOneLock() throws Exception {
    Path folder = Files.createDirectory(workspace.resolve("folder"));
    Files.writeString(folder.resolve("real.md"), "x");
    Files.createSymbolicLink(workspace.resolve("link.md"), folder.resolve("real.md"));
    Files.createSymbolicLink(workspace.resolve("out"), workspace.getParent());
    assertThatThrownBy(() -> files.take("out/secret.md", AccessType.WRITE, SOON))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("leaves the workspace");
    assertThat(letGo).hasSize(1);
    try (HeldFile held = files.take("link.md", AccessType.WRITE, SOON)) {
      assertThat(held.path()).isEqualTo("link.md");
      assertTaken("folder/real.md");
    }
  }

  private void assertTaken(String file) {
    assertThatThrownBy(() -> others.take(path(file), AccessType.READ, SOON))
        .isInstanceOf(IOException.class);
  }

  private void assertFree(String file) throws Exception {
    others.take(path(file), AccessType.WRITE, SOON).close();
  }

  private static WorkspacePath path(String text) {
    return WorkspacePath.parse(text).orElseThrow();
  }

  private static ClaimedTask task() {
    return TestStep.of("s", "x").workflow("w-1").file("declared.md", AccessType.WRITE).task();
  }
}
