package io.agentmanager.task.claim;

import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.id.StepKey;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.journal.Pipeline;
import io.agentmanager.task.claim.ClaimReadySteps.Handed;
import io.agentmanager.task.lifecycle.Lifecycle;
import io.agentmanager.task.limit.Allowances;
import io.agentmanager.task.worker.LeaseSettings;
import io.agentmanager.task.write.HandOver;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.springframework.stereotype.Component;

/**
 * Gives steps that become ready to the claims that are parked here. A claim is parked because
 * nothing was ready for it, so nothing better waits. A claim that is to have a step that uses files
 * is left to the desk with all of its steps: file locks are taken in an order of their own. So are
 * the steps of tenants whose claims have to be counted.
 */
@Component
class HandOverToParked implements HandOver {
  private final ClaimDesk desk;
  private final ClaimStore store;
  private final ClaimedTaskReader bodies;
  private final LeaseSettings leases;
  private final Allowances allowances;
  private final InstantSource clock;

  HandOverToParked(
      ClaimDesk desk,
      ClaimStore store,
      ClaimedTaskReader bodies,
      LeaseSettings leases,
      Allowances allowances,
      InstantSource clock) {
    this.desk = desk;
    this.store = store;
    this.bodies = bodies;
    this.leases = leases;
    this.allowances = allowances;
    this.clock = clock;
  }

  @Override
  public Offer offer(Pipeline pipeline, List<Ready> ready) {
    List<Ready> free =
        ready.stream().filter(r -> !allowances.isLimited(r.key().workflow().tenant())).toList();
    List<ClaimDesk.Match> matches = free.isEmpty() ? List.of() : desk.match(free);
    if (matches.isEmpty()) {
      return Offer.NONE;
    }
    // The batch may have waited long for its rows; a lease begins now.
    Instant now = clock.instant();
    try {
      List<Handed> wanted = matches.stream().flatMap(match -> begun(match, now)).toList();
      return new Handing(
          matches, wanted, now, store.beginWithoutFiles(pipeline, wanted, now, leases));
    } catch (RuntimeException | Error e) {
      desk.putBack(matches);
      throw e;
    }
  }

  private static Stream<Handed> begun(ClaimDesk.Match match, Instant now) {
    Claim claim = match.waiting().claim();
    return match.steps().stream()
        .flatMap(
            step ->
                Lifecycle.claim(step.state(), claim.worker(), now)
                    .map(
                        s ->
                            new Handed(
                                claim, new ClaimStore.Candidate(step.key(), s, false, 0, now)))
                    .stream());
  }

  private final class Handing implements Offer {
    private final List<ClaimDesk.Match> matches;
    private final List<Handed> handed;
    private final Set<StepKey> keys;
    private final Instant now;
    private Map<Claim, List<ClaimedTask>> tasks = Map.of();

    Handing(List<ClaimDesk.Match> matches, List<Handed> wanted, Instant now, Set<StepKey> begun) {
      this.matches = matches;
      this.now = now;
      this.keys = begun;
      this.handed = wanted.stream().filter(h -> begun.contains(h.step().key())).toList();
    }

    @Override
    public Set<StepKey> handed() {
      return keys;
    }

    @Override
    public List<JournalEntry> entries() {
      return handed.stream().map(h -> ClaimReadySteps.entry(h, now)).toList();
    }

    @Override
    public void complete(Pipeline pipeline) {
      tasks = bodies.read(pipeline, handed);
    }

    @Override
    public void committed() {
      desk.handedOver(keys);
      desk.putBack(matches.stream().filter(m -> !tasks.containsKey(m.waiting().claim())).toList());
      matches.forEach(m -> m.waiting().answer(tasks.get(m.waiting().claim())));
    }

    @Override
    public void rolledBack() {
      desk.putBack(matches);
    }
  }
}
