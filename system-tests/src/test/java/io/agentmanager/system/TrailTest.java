package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.agentmanager.embedded.EmbeddedPostgreSql;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** From a call at the door to the command that finds what was done to its entry. */
class TrailTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  @TempDir static Path folder;
  private static RunningSystem system;
  private static Api admin;
  private static Path checkpoint;

  /** What the command printed, and how it ended. */
  private record Run(int status, String output) {}

  @BeforeAll
  static void start() throws Exception {
    system = RunningSystem.split();
    admin = system.api("watched", "admin");
    Api worker = system.api("watched", "worker");
    String workflow =
        admin
            .post(
                "/v1/tasks",
                """
                {"description": "d", "tasks": [
                  {"step_id": "a", "task_description": "d", "assigned_agent": "nobody"}]}
                """)
            .text("workflow_id");
    assertThat(worker.post("/v1/workflows/" + workflow + "/cancel", "{}").status()).isEqualTo(403);
    assertThat(admin.post("/v1/workflows/" + workflow + "/cancel", "{}").status()).isEqualTo(202);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(told())
                    .containsExactlyInAnyOrder(
                        "token:admin-of-watched workflow.submit " + workflow + " 201",
                        "token:worker-of-watched workflow.cancel " + workflow + " 403",
                        "token:admin-of-watched workflow.cancel " + workflow + " 202"));
    checkpoint = Files.writeString(folder.resolve("checkpoint"), am(admin, "checkpoint").output());
  }

  private static List<String> told() {
    JsonNode entries = admin.get("/v1/trail").body().path("entries");
    return StreamSupport.stream(entries.spliterator(), false)
        .map(
            e ->
                String.join(
                    " ",
                    e.path("actor").asString(),
                    e.path("action").asString(),
                    e.path("object").asString(),
                    e.path("status").asString()))
        .toList();
  }

  private static Run am(Api caller, String... arguments) throws Exception {
    List<String> command = new ArrayList<>(Launcher.am("trail"));
    command.addAll(List.of(arguments));
    command.addAll(List.of("--url", system.url().toString(), "--token", caller.token()));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    String output =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertThat(process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return new Run(process.exitValue(), output);
  }

  /** By the operator, whose own calls are entries of another tenant: this chain stays as it is. */
  private static Run verify() throws Exception {
    return am(system.api(), "verify", "--checkpoint", checkpoint.toString());
  }

  @Test
  void whatNobodyTouchedIsIntact() throws Exception {
    assertThat(verify())
        .extracting(Run::status, run -> run.output().contains("intact"))
        .containsExactly(0, true);
    assertThat(am(admin, "list").output())
        .contains("token:worker-of-watched", "workflow.cancel", "403");
  }

  /** As the owner of the database would do it, who has neither key nor topic. */
  @ParameterizedTest
  @CsvSource({
    "changed, UPDATE trail_entry SET actor = 'token:somebody' WHERE",
    "missing, DELETE FROM trail_entry WHERE seq < 3 AND",
    "truncated, DELETE FROM trail_entry WHERE seq >= 2 AND"
  })
  void whateverTheOwnerOfTheDatabaseDoesIsFound(String kind, String tampering) throws Exception {
    change("CREATE TABLE untouched AS SELECT * FROM trail_entry WHERE tenant_id = 'watched'");
    try {
      change(tampering + " tenant_id = 'watched'");
      Run found = verify();
      assertThat(found.status()).as(found.output()).isOne();
      assertThat(found.output()).contains("NOT INTACT", "watched", kind);
    } finally {
      change("DELETE FROM trail_entry WHERE tenant_id = 'watched'");
      change("INSERT INTO trail_entry SELECT * FROM untouched");
      change("DROP TABLE untouched");
    }
    Api.Answer restored = system.api().post("/v1/trail/verify", "{}");
    assertThat(restored.body().path("intact").asBoolean()).as(restored.toString()).isTrue();
  }

  private static void change(String sql) throws SQLException {
    try (Connection owner =
            DriverManager.getConnection(
                EmbeddedPostgreSql.jdbcUrl(system.port("postgres"), "audit"));
        Statement statement = owner.createStatement()) {
      statement.execute(sql);
    }
  }
}
