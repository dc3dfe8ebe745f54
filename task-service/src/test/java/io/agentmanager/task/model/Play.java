package io.agentmanager.task.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepError;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.task.lifecycle.Command;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Plays commands, read out of numbers, to a subject and to the reference, and compares. */
final class Play {
  private static final int KINDS = 16;
  private final Reference reference;
  private final Subject subject;
  private final StringBuilder told = new StringBuilder();

  private Play(Shape shape, Subject subject) {
    this.reference = new Reference(shape);
    this.subject = subject;
    told.append(shape);
  }

  static void compare(Shape shape, Subject subject, List<Integer> commands) {
    Play play = new Play(shape, subject);
    play.same(true, true);
    commands.forEach(play::one);
  }

  /** Smaller numbers are more ordinary commands, so that shrinking ends at a plain story. */
  private void one(int number) {
    int kind = number % KINDS;
    int rest = number / KINDS;
    int id = rest % reference.shape.size();
    int odd = rest / reference.shape.size();
    Reference.Step step = reference.steps.get(id);
    int attempt = odd % 8 == 7 ? step.attempt - 1 : step.attempt;
    int cycle = odd % 8 == 7 ? reference.cycle + 1 : reference.cycle;
    switch (kind) {
      case 0, 1, 2, 3 -> claim();
      case 4, 5, 6, 7 -> {
        tell("succeed", id, attempt);
        same(reference.succeed(id, attempt), subject.succeed(id, attempt));
      }
      case 8 -> {
        boolean retryable = odd % 3 != 2;
        tell("fail " + retryable, id, attempt);
        same(reference.fail(id, attempt, retryable), subject.fail(id, attempt, retryable));
      }
      case 9 -> {
        tell("heartbeat", id, attempt);
        subject.heartbeat(id, attempt);
        if (attempt == step.attempt) {
          reference.heard(id);
        }
        same(true, true);
      }
      case 10 -> {
        tell("lose lease", id, attempt);
        same(
            reference.loseLease(id, attempt),
            subject.apply(new Command.LoseLease(stepId(id), attempt)));
      }
      case 11 -> {
        tell("release", id, attempt);
        same(
            reference.release(id, attempt),
            subject.apply(new Command.Release(stepId(id), attempt, "on purpose")));
      }
      case 12 -> {
        tell("end backoff", id, 0);
        same(reference.endBackoff(id), subject.apply(new Command.EndBackoff(stepId(id))));
      }
      case 13 -> {
        tell("pass audit", cycle, 0);
        same(reference.passAudit(cycle), subject.apply(new Command.PassAudit(cycle)));
      }
      case 14 -> failAudit(cycle, odd);
      default -> last(cycle, odd);
    }
  }

  private void claim() {
    told.append("\nclaim");
    var got = subject.claim();
    assertThat(got.stream().toList())
        .as(told.toString())
        .isEqualTo(reference.claimable().stream().limit(1).toList());
    got.ifPresent(reference::claimed);
    same(true, true);
  }

  private void failAudit(int cycle, int odd) {
    Set<Integer> chosen = new LinkedHashSet<>();
    for (int i = 0; i < reference.shape.size(); i++) {
      if ((odd >> i & 1) != 0) {
        chosen.add(i);
      }
    }
    boolean exhausted = odd % 11 == 10;
    told.append("\nfail audit ").append(cycle).append(' ').append(chosen).append(exhausted);
    same(
        reference.failAudit(cycle, chosen, exhausted),
        subject.apply(new Command.FailAudit(cycle, notes(chosen), exhausted, "not good")));
  }

  private void last(int cycle, int odd) {
    switch (odd % 5) {
      case 0, 1 -> {
        tell("synthesize", cycle, 0);
        same(reference.synthesize(cycle, true), subject.apply(new Command.Synthesize(cycle, null)));
      }
      case 2 -> {
        tell("synthesize in vain", cycle, 0);
        same(
            reference.synthesize(cycle, false),
            subject.apply(new Command.Synthesize(cycle, new StepError("none", "no answer", null))));
      }
      case 3 -> {
        told.append("\ncancel");
        same(reference.cancel(), subject.apply(new Command.Cancel("enough")));
      }
      default -> {
        told.append("\nmiss the deadline");
        same(reference.missDeadline(), subject.apply(new Command.MissDeadline()));
      }
    }
  }

  private StepId stepId(int id) {
    return new StepId(reference.shape.name(id));
  }

  private Map<StepId, String> notes(Set<Integer> chosen) {
    return chosen.stream().collect(Collectors.toMap(this::stepId, id -> "again"));
  }

  private void tell(String what, int id, int attempt) {
    told.append('\n').append(what).append(' ').append(id).append(" at ").append(attempt);
  }

  private void same(boolean expected, boolean accepted) {
    assertThat(accepted).as(told + "\naccepted").isEqualTo(expected);
    assertThat(subject.picture()).as(told.toString()).isEqualTo(reference.picture());
  }
}
