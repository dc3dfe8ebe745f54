package io.agentmanager.system.fault;

import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Submits workflows of mixed shapes and keeps as many in flight as are wanted. Each comes with an
 * idempotency key and is sent until it is answered 2xx; from then on it must never be lost.
 */
final class Load implements AutoCloseable {
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(2))
          .build();
  private final URI gateway;
  private final int shortest;
  private final String token;
  private final Random random;
  private final Set<String> accepted = ConcurrentHashMap.newKeySet();
  private final AtomicInteger unanswered = new AtomicInteger();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean running;
  private volatile Demand demand = unanswered -> false;

  /** Says whether another workflow is wanted, besides those that wait for their answer. */
  interface Demand {
    boolean isMoreWanted(int unanswered);
  }

  Load(URI gateway, String token, Duration shortestStep, long seed) {
    this.gateway = gateway;
    this.shortest = (int) shortestStep.toMillis();
    this.token = token;
    this.random = new Random(seed);
  }

  void start(Demand wanted) {
    demand = wanted;
    running = true;
    for (int i = 0; i < 4; i++) {
      threads.add(Thread.ofVirtual().start(this::submitUntilStopped));
    }
  }

  /** Submits no more; what was sent without an answer is sent until it has one. */
  void stop() throws InterruptedException {
    running = false;
    for (Thread thread : threads) {
      thread.join();
    }
    threads.clear();
  }

  Set<String> accepted() {
    return Set.copyOf(accepted);
  }

  /** Submits one small workflow at once and returns its id. */
  String probe() throws InterruptedException {
    return send(submission(0));
  }

  @Override
  public void close() throws InterruptedException {
    stop();
  }

  private void submitUntilStopped() {
    try {
      while (running) {
        if (!demand.isMoreWanted(unanswered.get())) {
          Thread.sleep(100);
          continue;
        }
        int shape;
        synchronized (random) {
          shape = 1 + random.nextInt(6);
        }
        accepted.add(send(submission(shape)));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String send(Map<String, Object> submission) throws InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(gateway + "/v1/tasks"))
            .timeout(Duration.ofSeconds(10))
            .header("Authorization", "Bearer " + token)
            .header("Content-Type", "application/json")
            .header("Idempotency-Key", UUID.randomUUID().toString())
            .POST(
                HttpRequest.BodyPublishers.ofByteArray(
                    WireJson.mapper().writeValueAsBytes(submission)))
            .build();
    unanswered.incrementAndGet();
    try {
      while (true) {
        try {
          HttpResponse<byte[]> response =
              http.send(request, HttpResponse.BodyHandlers.ofByteArray());
          if (response.statusCode() / 100 == 2) {
            return WireJson.mapper().readTree(response.body()).path("workflow_id").asString();
          }
          if (response.statusCode() / 100 == 4) {
            throw new IllegalStateException(new String(response.body()));
          }
        } catch (IOException e) {
          // Not answered: the same key makes the repeat safe.
        }
        Thread.sleep(200);
      }
    } finally {
      unanswered.decrementAndGet();
    }
  }

  private Map<String, Object> submission(int shape) {
    List<Map<String, Object>> steps = new ArrayList<>();
    Map<String, Object> submission = new HashMap<>();
    String audit = "none";
    switch (shape) {
      case 0 -> {
        steps.add(step("a", List.of(), 10));
        steps.add(step("b", List.of("a"), 10));
      }
      case 1 -> {
        for (int i = 0; i < 5; i++) {
          steps.add(step("s" + i, i == 0 ? List.of() : List.of("s" + (i - 1)), -1));
        }
      }
      case 2 -> fan(steps, 8);
      case 3 -> {
        steps.add(step("a", List.of(), -1));
        steps.add(step("b", List.of("a"), -1));
        steps.add(step("c", List.of("a"), -1));
        steps.add(step("d", List.of("b", "c"), -1));
        audit = "rules";
      }
      case 4 -> {
        fan(steps, 3);
        steps.getLast().put("checks", Map.of("min_length", 10));
        audit = "rules";
      }
      case 5 -> {
        fan(steps, 4);
        for (Map<String, Object> step : steps) {
          if (step.get("step_id").toString().startsWith("m")) {
            step.put("file_dependencies", List.of("shared-" + pick(80)));
            step.put(
                "file_access_types",
                Map.of(((List<?>) step.get("file_dependencies")).getFirst(), "write"));
          }
        }
      }
      default -> {
        fan(steps, 3);
        Map<String, Object> input = new HashMap<>();
        input.put("ms", 300);
        input.put("fail_first", 1);
        input.put("lock", "found-" + pick(40));
        steps.get(1).put("input", input);
      }
    }
    submission.put("description", "faults, shape " + shape);
    submission.put("priority", shape == 0 ? 9 : 0);
    submission.put("tasks", steps);
    submission.put("audit", Map.of("mode", audit));
    return submission;
  }

  private void fan(List<Map<String, Object>> steps, int width) {
    steps.add(step("root", List.of(), -1));
    List<String> middle = new ArrayList<>();
    for (int i = 0; i < width; i++) {
      middle.add("m" + i);
      steps.add(step("m" + i, List.of("root"), -1));
    }
    steps.add(step("end", middle, -1));
  }

  private Map<String, Object> step(String id, List<String> dependencies, int millis) {
    Map<String, Object> step = new HashMap<>();
    step.put("step_id", id);
    step.put("task_description", "work");
    step.put("assigned_agent", "fault");
    step.put("dependencies", dependencies);
    step.put("max_attempts", 10);
    step.put("timeout", "PT2M");
    step.put("input", Map.of("ms", millis >= 0 ? millis : shortest + pick(2 * shortest)));
    return step;
  }

  private int pick(int bound) {
    synchronized (random) {
      return random.nextInt(bound);
    }
  }
}
