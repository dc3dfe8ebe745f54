package io.agentmanager.task.claim;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.task.write.HandOver;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Finds out who of those that wait gets what: first come, first served, urgent steps first. */
final class Matching {
  private final Map<Wanted, Deque<HandOver.Ready>> left = new HashMap<>();
  private final List<ClaimDesk.Match> matches = new ArrayList<>();
  private final Instant now;

  private record Wanted(TenantId tenant, String capability) {}

  Matching(List<HandOver.Ready> ready, Instant now) {
    this.now = now;
    ready.stream()
        .sorted(Comparator.comparingInt((HandOver.Ready r) -> r.state().priority()).reversed())
        .forEach(
            step ->
                left.computeIfAbsent(
                        new Wanted(step.key().workflow().tenant(), step.state().capability()),
                        wanted -> new ArrayDeque<>())
                    .add(step));
  }

  /** Whether this one gets something; it is noted what. */
  boolean takes(ClaimDesk.Waiting waiting) {
    Claim claim = waiting.claim();
    if (left.isEmpty() || waiting.answer().isDone() || !now.isBefore(claim.until())) {
      return false;
    }
    List<HandOver.Ready> steps = new ArrayList<>();
    for (String capability : claim.capabilities()) {
      Wanted wanted = new Wanted(claim.tenant(), capability);
      Deque<HandOver.Ready> ready = left.getOrDefault(wanted, new ArrayDeque<>());
      while (steps.size() < claim.max() && !ready.isEmpty()) {
        steps.add(ready.remove());
      }
      if (ready.isEmpty()) {
        left.remove(wanted);
      }
    }
    return !steps.isEmpty() && matches.add(new ClaimDesk.Match(waiting, steps));
  }

  List<ClaimDesk.Match> matches() {
    return matches;
  }
}
