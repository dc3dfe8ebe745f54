package io.agentmanager.system;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Locks that running steps ask for, over HTTP. */
class FileLockTest {
  /** Sooner than whoever waits for a lock gives up. */
  private static final Duration SOON = Duration.ofSeconds(15);

  private final Api api = RunningSystem.split().api();

  @ParameterizedTest
  @CsvSource({
    "read, read, 201",
    "read, write, 409",
    "read, exclusive, 409",
    "write, read, 409",
    "write, write, 409",
    "write, exclusive, 409",
    "exclusive, read, 409",
    "exclusive, write, 409",
    "exclusive, exclusive, 409"
  })
  void readersShareAndEverythingElseIsAlone(String first, String second, int status) {
    String id = running("table", 2);
    String file = "table/" + first + "-" + second;
    assertThat(lock(id, "s0", 1, file, first, 0).status()).isEqualTo(201);
    Api.Answer answer = lock(id, "s1", 1, file, second, 0);
    assertThat(answer.status()).isEqualTo(status);
    if (status == 409) {
      assertThat(answer.text("type")).endsWith("file-locked");
      assertThat(answer.text("detail")).contains("s0", id, "worker-table", first);
    }
    finish(id, "worker-table", 2);
  }

  @Test
  void askingAgainGetsTheSameLockAndAReaderAloneMayBecomeAWriter() {
    String id = running("again", 2);
    String lock = lock(id, "s0", 1, "a.md", "read", 0).text("lock_id");
    assertThat(lock(id, "s0", 1, "./x/../a.md", "read", 0).text("lock_id")).isEqualTo(lock);
    assertThat(lock(id, "s0", 1, "a.md", "write", 0).text("lock_id")).isEqualTo(lock);
    assertThat(lock(id, "s0", 1, "a.md", "read", 0).text("lock_id")).isEqualTo(lock);
    assertThat(lock(id, "s1", 1, "a.md", "read", 0).status()).isEqualTo(409);
    assertThat(api.send("DELETE", "/v1/locks/" + lock, null).status()).isEqualTo(204);
    assertThat(api.send("DELETE", "/v1/locks/" + lock, null).status()).isEqualTo(404);
    assertThat(lock(id, "s1", 1, "a.md", "read", 0).status()).isEqualTo(201);
    finish(id, "worker-again", 2);
  }

  @Test
  void aWaiterGetsTheFileAsSoonAsItIsLetGo() throws Exception {
    String id = running("wait", 2);
    String lock = lock(id, "s0", 1, "w.md", "write", 0).text("lock_id");
    CompletableFuture<Api.Answer> waiting =
        CompletableFuture.supplyAsync(() -> lock(id, "s1", 1, "w.md", "write", 20));
    Awaitility.await().during(Duration.ofMillis(500)).until(() -> !waiting.isDone());
    long released = System.nanoTime();
    api.send("DELETE", "/v1/locks/" + lock, null);
    assertThat(waiting.get().status()).isEqualTo(201);
    assertThat(Duration.ofNanos(System.nanoTime() - released)).isLessThan(SOON);
    long began = System.nanoTime();
    assertThat(lock(id, "s0", 1, "w.md", "read", 1).status()).isEqualTo(409);
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isGreaterThan(Duration.ofMillis(900));
    finish(id, "worker-wait", 2);
  }

  @Test
  void aWaitThatWouldCloseACircleIsRefusedAtOnce() throws Exception {
    String id = running("circle", 3);
    for (int i = 0; i < 3; i++) {
      assertThat(lock(id, "s" + i, 1, "c" + i, "write", 0).status()).isEqualTo(201);
    }
    CompletableFuture<Api.Answer> first =
        CompletableFuture.supplyAsync(() -> lock(id, "s0", 1, "c1", "read", 20));
    CompletableFuture<Api.Answer> second =
        CompletableFuture.supplyAsync(() -> lock(id, "s1", 1, "c2", "write", 20));
    Awaitility.await()
        .until(() -> lock(id, "s2", 1, "c0", "write", 1).text("type").endsWith("lock-circle"));
    long began = System.nanoTime();
    assertThat(lock(id, "s2", 1, "c0", "write", 20).text("type")).endsWith("lock-circle");
    assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(SOON);
    // The end of an attempt lets its files go, and whoever waited goes on.
    post(id, "s2", "worker-circle");
    assertThat(second.get().status()).isEqualTo(201);
    post(id, "s1", "worker-circle");
    assertThat(first.get().status()).isEqualTo(201);
    post(id, "s0", "worker-circle");
    assertThat(api.awaitEnd(id).path("status").asString()).isEqualTo("COMPLETED");
  }

  @Test
  void onlyTheRunningAttemptOfItsOwnWorkerGetsALock() {
    String id = running("fence", 1);
    assertThat(lock(id, "s0", 2, "f", "write", 0).text("type")).endsWith("stale-attempt");
    assertThat(lock(id, "nothing", 1, "f", "write", 0).status()).isEqualTo(404);
    Api.Answer foreign = api.post("/v1/locks", wish("somebody-else", id, "s0", 1, "f", "write", 0));
    assertThat(foreign.text("type")).endsWith("stale-attempt");
    assertThat(lock(id, "s0", 1, "../f", "write", 0).status()).isEqualTo(422);
    assertThat(lock(id, "s0", 1, "/etc/f", "write", 0).status()).isEqualTo(422);
    assertThat(lock(id, "s0", 1, "f", "write", 31).status()).isEqualTo(422);
    assertThat(lock(id, "s0", 1, "f", "append", 0).status()).isEqualTo(422);
    assertThat(lock(id, "s0", 1, "f", "write", 0).status()).isEqualTo(201);
    post(id, "s0", "worker-fence");
    assertThat(lock(id, "s0", 1, "f", "write", 0).text("type")).endsWith("stale-attempt");
  }

  /** Submits that many steps side by side and claims them all. */
  private String running(String name, int steps) {
    api.put("/v1/workers/worker-" + name, "{\"agent_capabilities\": [\"lock-" + name + "\"]}");
    String plan =
        IntStream.range(0, steps)
            .mapToObj(
                i ->
                    "{\"step_id\": \"s%d\", \"task_description\": \"x\", \"assigned_agent\": \"lock-%s\"}"
                        .formatted(i, name))
            .collect(Collectors.joining(","));
    String id =
        api.post(
                "/v1/tasks",
                "{\"description\": \"locks\", \"audit\": {\"mode\": \"none\"}, \"tasks\": ["
                    + plan
                    + "]}")
            .text("workflow_id");
    Awaitility.await()
        .until(
            () -> {
              api.post(
                  "/v1/tasks/claims",
                  "{\"agent_id\": \"worker-%s\", \"client_capabilities\": [\"lock-%s\"], \"max\": 10, \"wait_sec\": 5}"
                      .formatted(name, name));
              return api.get("/v1/workflows/" + id)
                      .body()
                      .path("progress")
                      .path("in_progress")
                      .asInt()
                  == steps;
            });
    return id;
  }

  private void finish(String id, String worker, int steps) {
    for (int i = 0; i < steps; i++) {
      post(id, "s" + i, worker);
    }
    assertThat(api.awaitEnd(id).path("status").asString()).isEqualTo("COMPLETED");
  }

  private void post(String id, String step, String worker) {
    Api.Answer answer =
        api.post(
            "/v1/results",
            """
            {"workflow_id": "%s", "step_id": "%s", "client_id": "%s", "attempt": 1,
             "status": "completed", "ra_history": {"iterations": [], "final_result": "done"}}
            """
                .formatted(id, step, worker));
    assertThat(answer.status()).isEqualTo(200);
  }

  private Api.Answer lock(
      String id, String step, int attempt, String file, String access, int wait) {
    String worker =
        "worker-"
            + api.get("/v1/workflows/" + id)
                .body()
                .path("tasks")
                .get(0)
                .path("assigned_agent")
                .asString()
                .replace("lock-", "");
    return api.post("/v1/locks", wish(worker, id, step, attempt, file, access, wait));
  }

  private static String wish(
      String worker, String id, String step, int attempt, String file, String access, int wait) {
    return """
    {"client_id": "%s", "workflow_id": "%s", "step_id": "%s", "attempt": %d, "file_path": "%s",
     "access_type": "%s", "wait_sec": %d}
    """
        .formatted(worker, id, step, attempt, file, access, wait);
  }
}
