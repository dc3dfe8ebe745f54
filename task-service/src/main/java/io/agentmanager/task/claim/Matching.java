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
import java.util.Objects;
import java.util.Optional;

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
        .forEach(step -> left.computeIfAbsent(wanted(step), w -> new ArrayDeque<>()).add(step));
  }

  /** Whether this one gets something; it is noted what. */
  boolean takes(ClaimDesk.Waiting waiting) {
    Claim claim = waiting.claim();
    if (left.isEmpty()
        || waiting.answer().isDone()
        || !now.isBefore(claim.until())
        || matches.stream().anyMatch(match -> match.waiting().claim().equals(claim))) {
      return false;
    }
    List<HandOver.Ready> steps = new ArrayList<>();
    Optional<HandOver.Ready> next = next(claim);
    while (steps.size() < claim.max() && next.isPresent()) {
      steps.add(next.get());
      taken(next.get());
      next = next(claim);
    }
    return !steps.isEmpty() && matches.add(new ClaimDesk.Match(waiting, steps));
  }

  /** The most urgent one of those that the claim can have. */
  private Optional<HandOver.Ready> next(Claim claim) {
    return claim.capabilities().stream()
        .map(capability -> left.get(new Wanted(claim.tenant(), capability)))
        .filter(Objects::nonNull)
        .map(Deque::getFirst)
        .max(Comparator.comparingInt(step -> step.state().priority()));
  }

  private void taken(HandOver.Ready step) {
    Wanted wanted = wanted(step);
    Deque<HandOver.Ready> rest = left.getOrDefault(wanted, new ArrayDeque<>());
    rest.removeFirst();
    if (rest.isEmpty()) {
      left.remove(wanted);
    }
  }

  private static Wanted wanted(HandOver.Ready step) {
    return new Wanted(step.key().workflow().tenant(), step.state().capability());
  }

  List<ClaimDesk.Match> matches() {
    return matches;
  }
}
