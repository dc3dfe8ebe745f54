package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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
}
