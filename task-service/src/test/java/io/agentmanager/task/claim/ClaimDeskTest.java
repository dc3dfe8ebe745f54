package io.agentmanager.task.claim;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.contracts.event.WorkflowEvent.StepReady;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.http.LimitSettings;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.task.limit.Allowances;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The clock stands still, so that nothing is looked for but what a test asks for. */
class ClaimDeskTest {
  private static final TenantId TENANT = new TenantId("default");
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");

  @SuppressWarnings("NullAway") // Nobody is limited, so nothing is asked.
  private static final Allowances UNLIMITED = new Allowances(new LimitSettings(null, null), null);

  private final ClaimFloors floors = new ClaimFloors(() -> 0);
  private final Looks looks = new Looks();
  private final ClaimDesk desk = new ClaimDesk(looks, floors, UNLIMITED, InstantSource.fixed(NOW));

  @BeforeEach
  void start() throws InterruptedException {
    desk.start();
    // The first round looks for everybody; the others have to be asked for.
    desk.claim(claim("first", false));
    looks.next();
    floors.found(TENANT, "work", floors.begin(TENANT, "work"), null);
  }

  @AfterEach
  void stop() {
    desk.stop();
  }

  @Test
  void aClaimWhoseLookWouldFindNothingIsParkedWithoutIt() {
    desk.claim(claim("second", false));
    Set<String> served = new HashSet<>();
    Awaitility.await().until(() -> served.addAll(handOver()) && served.contains("second"));
    assertThat(looks.queue).isEmpty();
  }

  @Test
  void aClaimThatMayHoldSomethingLooks() throws InterruptedException {
    desk.claim(claim("second", true));
    assertThat(looks.next()).containsExactly("second");
  }

  @Test
  void aClaimThatDoesNotWaitLooks() throws InterruptedException {
    desk.claim(new Claim(TENANT, "second", Set.of("work"), 1, NOW, null, false));
    assertThat(looks.next()).containsExactly("second");
  }

  @Test
  void whatBecomesReadyIsLookedForByThoseThatHadNotLooked() {
    desk.claim(claim("second", false));
    StepReady ready = new StepReady(TENANT, new WorkflowId("w"), new StepId("s"), 0, "work", 0);
    desk.committed(List.of(JournalEntry.published("step.ready", ready.stepId(), 0, ready)));
    Set<String> looked = new HashSet<>();
    Awaitility.await().until(() -> looked.addAll(looks.next()) && looked.size() == 2);
    assertThat(looked).containsExactlyInAnyOrder("first", "second");
  }

  @Test
  void aClaimThatWasMeantToGetSomethingAsksWhatItHoldsWhenItComesBack()
      throws InterruptedException {
    List<ClaimDesk.Match> matches =
        Awaitility.await()
            .until(() -> desk.match(List.of(MatchingTest.step("s", "work", 0))), m -> !m.isEmpty());
    assertThat(matches.getFirst().waiting().claim().mayHold()).isFalse();
    desk.putBack(matches);
    assertThat(looks.next()).containsExactly("first");
    assertThat(looks.last.getFirst().mayHold()).isTrue();
  }

  @Test
  void aRepeatTakesThePlaceOfAClaimThatWasParkedWithoutALook() throws InterruptedException {
    CompletableFuture<List<ClaimedTask>> dead = desk.claim(claim("second", false));
    desk.claim(claim("second", true));
    assertThat(looks.next()).containsExactly("second");
    assertThat(dead.join()).isEmpty();
  }

  @Test
  void aStepThatBecomesReadyWhileAClaimIsParkedIsLookedFor() throws InterruptedException {
    AtomicInteger questions = new AtomicInteger();
    ClaimFloors moving =
        new ClaimFloors(() -> 0) {
          @Override
          boolean isAtEnd(TenantId tenant, String capability) {
            return questions.getAndIncrement() == 0;
          }
        };
    ClaimDesk other = new ClaimDesk(looks, moving, UNLIMITED, InstantSource.fixed(NOW));
    other.start();
    other.claim(claim("second", false));
    assertThat(looks.next()).containsExactly("second");
    other.stop();
  }

  @Test
  void whatTheClaimsOfOneTenantRunIntoDoesNotEndThoseOfAnother() {
    TenantId other = new TenantId("other");
    looks.fails = other;
    looks.hold();
    desk.claim(claim("second", true));
    Awaitility.await().until(looks::isHeld);
    CompletableFuture<List<ClaimedTask>> good =
        desk.claim(new Claim(TENANT, "good", Set.of("work"), 1, NOW, null, true));
    CompletableFuture<List<ClaimedTask>> bad =
        desk.claim(new Claim(other, "bad", Set.of("work"), 1, NOW, null, true));
    looks.letGo();
    assertThat(bad).failsWithin(Duration.ofSeconds(20));
    assertThat(good).succeedsWithin(Duration.ofSeconds(20));
    assertThat(looks.queue).anyMatch(look -> look.containsAll(List.of("good", "bad")));
  }

  /** The workers that get steps which become ready. */
  private List<String> handOver() {
    return desk.match(List.of(MatchingTest.step("s", "work", 0))).stream()
        .map(match -> match.waiting().claim().worker())
        .toList();
  }

  private static Claim claim(String worker, boolean mayHold) {
    return new Claim(TENANT, worker, Set.of("work"), 1, NOW.plusSeconds(20), worker, mayHold);
  }

  /** Looks that find nothing, and are remembered. */
  private static final class Looks extends ClaimReadySteps {
    private final BlockingQueue<List<String>> queue = new LinkedBlockingQueue<>();
    private final Semaphore free = new Semaphore(1);
    private volatile List<Claim> last = List.of();
    private volatile @Nullable TenantId fails;

    @SuppressWarnings("NullAway") // Nothing of it is used.
    Looks() {
      super(null, null, null, null, null, null, null, null, null);
    }

    @Override
    Map<Claim, List<ClaimedTask>> claim(List<Claim> claims) {
      last = claims;
      queue.add(claims.stream().map(Claim::worker).toList());
      free.acquireUninterruptibly();
      free.release();
      if (claims.stream().anyMatch(claim -> claim.tenant().equals(fails))) {
        throw new IllegalStateException("a tenant's own trouble");
      }
      return Map.of();
    }

    /** The next look lasts until it is let go, so that claims gather meanwhile. */
    void hold() {
      free.acquireUninterruptibly();
    }

    boolean isHeld() {
      return free.hasQueuedThreads();
    }

    void letGo() {
      free.release();
    }

    List<String> next() throws InterruptedException {
      List<String> look = queue.poll(20, TimeUnit.SECONDS);
      return look == null ? List.of("nobody") : look;
    }
  }
}
