package io.agentmanager.task.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What becomes of a workflow, written once more and as plainly as can be: nothing is counted, no
 * step is touched for the sake of speed, and what may run is worked out anew from what has
 * completed. Slow, and easy to believe.
 */
final class Reference {
  private static final Set<String> ENDED = Set.of("COMPLETED", "FAILED", "CANCELLED");
  private static final Set<String> OPEN = Set.of("PENDING", "READY", "IN_PROGRESS");

  final Shape shape;
  final Map<Integer, Step> steps = new LinkedHashMap<>();
  String status = "RUNNING";
  int cycle;

  static final class Step {
    String status = "PENDING";
    int attempt;
    int failures;
    boolean heard;
    boolean backoff;

    @Override
    public String toString() {
      return status + " " + attempt + " " + failures + (backoff ? " backoff" : "");
    }
  }

  Reference(Shape shape) {
    this.shape = shape;
    for (int i = 0; i < shape.size(); i++) {
      steps.put(i, new Step());
    }
    readyWhatMayRun();
  }

  /** The steps that a claim may get, in the order of the plan. */
  List<Integer> claimable() {
    return steps.keySet().stream()
        .filter(i -> steps.get(i).status.equals("READY") && !steps.get(i).backoff)
        .toList();
  }

  void claimed(int id) {
    Step step = steps.get(id);
    step.status = "IN_PROGRESS";
    step.attempt++;
    step.heard = false;
  }

  void heard(int id) {
    steps.get(id).heard = true;
  }

  boolean succeed(int id, int attempt) {
    return ofAttempt(
        id,
        attempt,
        step -> {
          step.status = "COMPLETED";
          goOn();
        });
  }

  boolean fail(int id, int attempt, boolean retryable) {
    return ofAttempt(
        id,
        attempt,
        step -> {
          step.failures++;
          if (retryable && step.failures < shape.maxAttempts()) {
            step.status = "READY";
            step.backoff = true;
          } else {
            failForGood(id);
          }
        });
  }

  boolean loseLease(int id, int attempt) {
    return ofAttempt(
        id,
        attempt,
        step -> {
          step.failures += step.heard ? 1 : 0;
          if (step.failures < shape.maxAttempts()) {
            step.status = "READY";
          } else {
            failForGood(id);
          }
        });
  }

  boolean release(int id, int attempt) {
    return ofAttempt(id, attempt, step -> step.status = "READY");
  }

  boolean endBackoff(int id) {
    boolean waits = steps.get(id).status.equals("READY") && steps.get(id).backoff;
    if (waits) {
      steps.get(id).backoff = false;
    }
    return waits;
  }

  boolean passAudit(int ofCycle) {
    if (!status.equals("AUDITING") || cycle != ofCycle) {
      return false;
    }
    status = sinksCompleted() ? "SYNTHESIZING" : "FAILED";
    return true;
  }

  boolean failAudit(int ofCycle, Set<Integer> chosen, boolean exhausted) {
    if (!status.equals("AUDITING") || cycle != ofCycle) {
      return false;
    }
    Set<Integer> back = canRunAgain(downstream(chosen));
    if (exhausted || back.isEmpty()) {
      status = "FAILED";
      return true;
    }
    cycle++;
    status = "REWORKING";
    for (int id : back) {
      steps.get(id).status = "PENDING";
      steps.get(id).failures = 0;
    }
    readyWhatMayRun();
    return true;
  }

  boolean synthesize(int ofCycle, boolean succeeded) {
    boolean expected =
        cycle == ofCycle && (status.equals("AUDITING") || status.equals("SYNTHESIZING"));
    if (expected) {
      status = succeeded ? "COMPLETED" : "FAILED";
    }
    return expected;
  }

  boolean cancel() {
    if (status.equals("CANCELLED")) {
      return true;
    }
    if (ENDED.contains(status)) {
      return false;
    }
    cancelOpen();
    status = "CANCELLED";
    return true;
  }

  boolean missDeadline() {
    if (ENDED.contains(status)) {
      return false;
    }
    cancelOpen();
    status = "FAILED";
    return true;
  }

  private interface Change {
    void of(Step step);
  }

  private boolean ofAttempt(int id, int attempt, Change change) {
    Step step = steps.get(id);
    boolean current =
        !ENDED.contains(status) && step.status.equals("IN_PROGRESS") && step.attempt == attempt;
    if (current) {
      change.of(step);
    }
    return current;
  }

  private void failForGood(int id) {
    steps.get(id).status = "FAILED";
    if (!shape.goesOnAfterFailure()) {
      cancelOpen();
      status = "FAILED";
      return;
    }
    for (int other : downstream(Set.of(id))) {
      if (OPEN.contains(steps.get(other).status)) {
        steps.get(other).status = "CANCELLED";
        steps.get(other).backoff = false;
      }
    }
    goOn();
  }

  private void goOn() {
    if (steps.values().stream().anyMatch(step -> OPEN.contains(step.status))) {
      readyWhatMayRun();
    } else if (shape.audited()) {
      status = "AUDITING";
    } else {
      status = sinksCompleted() ? "COMPLETED" : "FAILED";
    }
  }

  private void readyWhatMayRun() {
    steps.forEach(
        (id, step) -> {
          boolean free =
              shape.dependencies(id).stream()
                  .allMatch(d -> steps.get(d).status.equals("COMPLETED"));
          if (step.status.equals("PENDING") && free) {
            step.status = "READY";
          }
        });
  }

  private void cancelOpen() {
    steps.values().stream()
        .filter(step -> OPEN.contains(step.status))
        .forEach(
            step -> {
              step.status = "CANCELLED";
              step.backoff = false;
            });
  }

  private boolean sinksCompleted() {
    return steps.keySet().stream()
        .filter(id -> steps.keySet().stream().noneMatch(o -> shape.dependencies(o).contains(id)))
        .allMatch(id -> steps.get(id).status.equals("COMPLETED"));
  }

  private Set<Integer> downstream(Set<Integer> chosen) {
    Set<Integer> all = new LinkedHashSet<>(chosen);
    for (int id : steps.keySet()) {
      if (shape.dependencies(id).stream().anyMatch(all::contains)) {
        all.add(id);
      }
    }
    return all;
  }

  private Set<Integer> canRunAgain(Set<Integer> chosen) {
    Set<Integer> left = new LinkedHashSet<>(chosen);
    boolean changed = true;
    while (changed) {
      changed =
          left.removeIf(
              id ->
                  shape.dependencies(id).stream()
                      .anyMatch(
                          d -> !left.contains(d) && !steps.get(d).status.equals("COMPLETED")));
    }
    return left;
  }

  /** The state as one text, to compare. */
  String picture() {
    List<String> lines = new ArrayList<>();
    lines.add(status + " in cycle " + cycle);
    steps.forEach((id, step) -> lines.add(shape.name(id) + " " + step));
    return String.join("\n", lines);
  }
}
