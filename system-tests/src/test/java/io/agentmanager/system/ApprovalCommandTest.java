package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.worker.Approval;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A person at the command line sees what a step asks, and answers it. */
class ApprovalCommandTest {
  private final RunningSystem system = RunningSystem.split();
  private final String capability = "asking-" + UUID.randomUUID();
  @TempDir private Path folder;

  @Test
  void whoWatchesSeesTheQuestionAndHowToAnswerIt() throws Exception {
    String plan =
        """
        {"description": "pay", "audit": {"mode": "none"}, "tasks": [
          {"step_id": "pay", "task_description": "x", "assigned_agent": "%s"}]}
        """
            .formatted(capability);
    try (Worker worker = worker()) {
      String id = system.api().post("/v1/tasks", plan).text("workflow_id");
      Path seen = folder.resolve("seen");
      Process watching = am(seen, "watch", id);
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> Files.readString(seen).contains("asks: May 300 euros be paid?"));
      assertThat(Files.readString(seen)).contains("./am approve " + id + " pay");

      assertThat(said("reject", id, "pay", "--attempt", "7"))
          .as("another question")
          .contains("409");
      assertThat(said("approve", id, "pay", "--comment", "they are due"))
          .startsWith("pay approved; it is ");
      assertThat(watching.waitFor(30, TimeUnit.SECONDS)).as("the workflow ends").isTrue();
      assertThat(Files.readString(seen))
          .contains("pay is approved by ")
          .contains(": they are due")
          .contains("workflow COMPLETED");
    }
  }

  private Worker worker() {
    WorkerConfig config =
        WorkerConfig.of(
                capability + "-worker",
                URI.create(system.url().toString()),
                system.token(),
                1,
                List.of(capability))
            .withSpool(folder.resolve("spool"));
    return Worker.builder(config)
        .handler(
            capability,
            step ->
                step.approval().isEmpty()
                    ? Outcome.awaitingApproval(Approval.of("May 300 euros be paid?"))
                    : Outcome.completed("paid"))
        .start();
  }

  private String said(String... command) throws IOException, InterruptedException {
    Path out = folder.resolve("said-" + UUID.randomUUID());
    Process process = am(out, command);
    assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return Files.readString(out);
  }

  private Process am(Path out, String... command) throws IOException {
    List<String> all = new ArrayList<>(List.of(command));
    all.addAll(List.of("--url", system.url().toString(), "--token", system.token()));
    return new ProcessBuilder(Launcher.am(all.toArray(String[]::new)))
        .redirectErrorStream(true)
        .redirectOutput(out.toFile())
        .start();
  }
}
