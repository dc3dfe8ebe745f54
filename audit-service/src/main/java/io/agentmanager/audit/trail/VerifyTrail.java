package io.agentmanager.audit.trail;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.api.TrailVerification;
import io.agentmanager.contracts.api.TrailVerification.Fault;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.trail.TrailEvent;
import io.agentmanager.http.ProblemException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionDefinition;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Finds what was changed, left out or cut off: every entry against its hash and the one before it,
 * and every chain against its heads, the one in the database and those that were published.
 */
@Component
class VerifyTrail {
  private static final int MOST_FAULTS = 100;
  private static final int LONGEST_SEC = 600;
  private static final int GRACE = 3;
  private static final Duration LEAST_GRACE = Duration.ofMinutes(1);
  private final TrailStore store;
  private final TrailHeads heads;
  private final HashChain chain;
  private final TransactionTemplate snapshot;
  private final InstantSource clock;
  private final Duration grace;
  private final Set<TenantId> running = ConcurrentHashMap.newKeySet();

  VerifyTrail(
      TrailStore store,
      TrailHeads heads,
      HashChain chain,
      PlatformTransactionManager transactions,
      TrailSettings settings,
      InstantSource clock) {
    this.clock = clock;
    this.grace = settings.headsEvery().multipliedBy(GRACE).plus(LEAST_GRACE);
    this.store = store;
    this.heads = heads;
    this.chain = chain;
    this.snapshot = new TransactionTemplate(transactions);
    this.snapshot.setIsolationLevel(TransactionDefinition.ISOLATION_REPEATABLE_READ);
    this.snapshot.setReadOnly(true);
    this.snapshot.setTimeout(LONGEST_SEC);
  }

  /**
   * Verifies the trail of a tenant, or of all.
   *
   * @param more a checkpoint to compare it with besides the published heads
   * @throws ProblemException 503 while another of that tenant is going on: each reads whatever was
   *     published
   */
  TrailVerification verify(@Nullable TenantId tenant, Checkpoints.@Nullable Statement more) {
    TenantId whose = tenant == null ? TrailEvent.NOBODYS : tenant;
    if (!running.add(whose)) {
      throw ProblemException.of(
          ProblemType.UNAVAILABLE, "The trail is being verified for another call. Try again.");
    }
    try {
      return verifyAlone(tenant, more);
    } finally {
      running.remove(whose);
    }
  }

  private TrailVerification verifyAlone(
      @Nullable TenantId tenant, Checkpoints.@Nullable Statement more) {
    Walk walk = new Walk(chain, clock.instant().minus(grace));
    if (more != null && (tenant == null || more.tenant().equals(tenant))) {
      walk.published(more);
    }
    long unreadable = heads.read(tenant, walk::published);
    if (unreadable > 0) {
      walk.fault(
          tenant == null ? "-" : tenant.value(),
          0,
          "changed",
          unreadable + " published heads bear no known signature.");
    }
    snapshot.executeWithoutResult(status -> walk(tenant, walk));
    return walk.outcome();
  }

  private void walk(@Nullable TenantId tenant, Walk walk) {
    store.each(tenant, walk::take, walk::unreadable);
    walk.compareEnds(
        store.heads().stream()
            .filter(head -> tenant == null || head.tenant().equals(tenant))
            .toList());
  }

  /** One walk along the chains, each in its order. */
  static final class Walk {
    private final HashChain chain;
    private final Map<TenantId, TreeMap<Long, byte[]>> published = new HashMap<>();
    private final Map<TenantId, ChainedEntry> last = new HashMap<>();
    private final List<Fault> faults = new ArrayList<>();
    private long heads;
    private final Map<TenantId, Long> newestHeads = new HashMap<>();
    private final Map<TenantId, Instant> oldestUncovered = new HashMap<>();
    private final Set<Integer> unknownKeys = new HashSet<>();
    private final Instant coveredUntil;
    private long entries;

    /**
     * Compares with the heads that it is given.
     *
     * @param coveredUntil entries from before that time must stand before a head
     */
    Walk(HashChain chain, Instant coveredUntil) {
      this.chain = chain;
      this.coveredUntil = coveredUntil;
    }

    /** Takes a head to compare with, before the first entry. */
    void published(Checkpoints.Statement head) {
      heads++;
      newestHeads.merge(head.tenant(), head.seq(), Math::max);
      byte[] other =
          published
              .computeIfAbsent(head.tenant(), t -> new TreeMap<>())
              .putIfAbsent(head.seq(), head.hash());
      if (other != null && !Arrays.equals(other, head.hash())) {
        fault(head.tenant(), head.seq(), "changed", "Two published heads of it differ.");
      }
    }

    void take(ChainedEntry entry) {
      TenantId tenant = entry.event().tenantId();
      ChainedEntry before = last.put(tenant, entry);
      long expected = before == null ? 1 : before.seq() + 1;
      entries++;
      if (entry.seq() > newestHeads.getOrDefault(tenant, 0L)) {
        oldestUncovered.putIfAbsent(tenant, entry.event().at());
      }
      if (!chain.knowsKeyOf(entry)) {
        if (unknownKeys.add(entry.keyVersion())) {
          fault(
              tenant,
              entry.seq(),
              "unverifiable",
              "From here on, entries need version " + entry.keyVersion() + " of TRAIL_KEYS.");
        }
      } else if (entry.seq() > expected) {
        fault(tenant, expected, "missing", "Up to " + (entry.seq() - 1) + " there is no entry.");
      } else if (!chain.fits(entry, before == null ? HashChain.genesis() : before.hash())) {
        fault(tenant, entry.seq(), "changed", "Its hash does not fit it and the one before.");
      }
      byte[] said = published.getOrDefault(tenant, new TreeMap<>()).remove(entry.seq());
      if (said != null && !Arrays.equals(said, entry.hash())) {
        fault(tenant, entry.seq(), "changed", "A head with another hash was published.");
      }
    }

    void unreadable(String tenant, long seq) {
      fault(tenant, seq, "changed", "No service could have written it.");
    }

    void compareEnds(List<TrailStore.Head> kept) {
      oldestUncovered.forEach(
          (tenant, at) -> {
            if (at.isBefore(coveredUntil)) {
              fault(
                  tenant,
                  newestHeads.getOrDefault(tenant, 0L) + 1,
                  "unverifiable",
                  "No head was published since; what followed may have been cut off.");
            }
          });
      for (TrailStore.Head head : kept) {
        ChainedEntry end = last.get(head.tenant());
        long seq = end == null ? 0 : end.seq();
        if (seq < head.seq()) {
          fault(head.tenant(), seq + 1, "truncated", "The chain went on to " + head.seq() + ".");
        } else if (seq > head.seq() || (end != null && !Arrays.equals(end.hash(), head.hash()))) {
          fault(head.tenant(), seq, "changed", "It is not what the chain's head says.");
        }
      }
      last.forEach(
          (tenant, end) -> {
            if (kept.stream().noneMatch(head -> head.tenant().equals(tenant))) {
              fault(tenant, end.seq(), "missing", "The chain's head is gone.");
            }
          });
      published.forEach(this::compareWithPublished);
    }

    /** What is left of the published heads met no entry. */
    private void compareWithPublished(TenantId tenant, TreeMap<Long, byte[]> rest) {
      ChainedEntry end = last.get(tenant);
      long seq = end == null ? 0 : end.seq();
      if (!rest.isEmpty() && rest.lastKey() > seq) {
        fault(tenant, seq + 1, "truncated", "A head was published at " + rest.lastKey() + ".");
      }
    }

    private void fault(TenantId tenant, long seq, String kind, String detail) {
      fault(tenant.value(), seq, kind, detail);
    }

    void fault(String tenant, long seq, String kind, String detail) {
      if (faults.size() < MOST_FAULTS) {
        faults.add(new Fault(tenant, seq, kind, detail));
      }
    }

    TrailVerification outcome() {
      return new TrailVerification(faults.isEmpty(), entries, heads, List.copyOf(faults));
    }
  }
}
