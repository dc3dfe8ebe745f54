package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.embedded.FreePorts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** What an operator asks first when something is wrong. */
class DoctorTest {
  private final RunningSystem system = RunningSystem.split();

  @Test
  void everyServiceTellsOfWhatItDependsOn() {
    Api.Answer answer = system.api().get("/v1/diagnostics");
    assertThat(answer.status()).isEqualTo(200);
    Map<String, Set<String>> checks = new TreeMap<>();
    for (JsonNode check : answer.body().path("checks")) {
      assertThat(check.path("status").asString()).as(check.toString()).isNotEqualTo("FAILING");
      assertThat(check.path("advice").isNull() || check.path("advice").isMissingNode())
          .isEqualTo(check.path("status").asString().equals("OK"));
      checks
          .computeIfAbsent(check.path("service").asString(), s -> new TreeSet<>())
          .add(check.path("name").asString());
    }
    assertThat(checks.get("gateway"))
        .contains(
            "database",
            "broker",
            "disk",
            "identity provider",
            "planner-service",
            "task-service",
            "audit-service");
    assertThat(checks.get("task-service"))
        .contains("database", "broker", "journal", "disk", "workers");
    assertThat(checks.get("planner-service")).contains("journal", "model provider");
    assertThat(checks.get("audit-service")).contains("journal", "model provider");
  }

  @Test
  void tenantsDoNotSeeTheInstallation() {
    assertThat(system.api("patient", "admin").get("/v1/diagnostics").status()).isEqualTo(403);
  }

  @Test
  void theCommandPrintsALineForEachAndEndsWell() throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            Launcher.am("doctor", "--url", system.url().toString(), "--token", system.token()));
    Process doctor = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(doctor.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(doctor.waitFor()).as(printed).isZero();
    assertThat(printed).contains("task-service", "workers", "its clock agrees");
  }

  @Test
  void theCommandSaysWhatToDoWhenNothingAnswers() throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            Launcher.am(
                "doctor", "--url", "http://127.0.0.1:" + FreePorts.next(), "--token", "any"));
    Process doctor = new ProcessBuilder(command).redirectErrorStream(true).start();
    String printed = new String(doctor.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(doctor.waitFor()).as(printed).isEqualTo(1);
    assertThat(printed).contains("FAILING", "Nothing answers at", "See that the gateway runs");
  }

  /** Most steps first: those of other tests wait here as well. */
  @Test
  void stepsThatNobodyCanServeAreADoubtThatNamesTheirCapability() {
    String step =
        "{\"step_id\": \"s%d\", \"task_description\": \"x\", \"assigned_agent\": \"unheard-of\"}";
    String steps =
        IntStream.range(0, 100).mapToObj(step::formatted).collect(Collectors.joining(", "));
    String workflow =
        system
            .api()
            .post("/v1/tasks", "{\"description\": \"to wait in vain\", \"tasks\": [" + steps + "]}")
            .text("workflow_id");
    try {
      Awaitility.await()
          .atMost(Duration.ofSeconds(20))
          .untilAsserted(
              () ->
                  assertThat(system.api().get("/v1/diagnostics").body().path("checks"))
                      .anySatisfy(
                          check -> {
                            assertThat(check.path("name").asString()).isEqualTo("workers");
                            assertThat(check.path("status").asString()).isEqualTo("WARNING");
                            assertThat(check.path("detail").asString()).contains("unheard-of");
                            assertThat(check.path("advice").asString()).contains("Start workers");
                          }));
    } finally {
      system.api().post("/v1/workflows/" + workflow + "/cancel", "{}");
    }
  }
}
