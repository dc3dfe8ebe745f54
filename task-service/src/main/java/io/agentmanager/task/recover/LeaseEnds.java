package io.agentmanager.task.recover;

import java.time.Duration;
import java.time.Instant;

/**
 * Which leases may end: those of workers that could have called and did not.
 *
 * <p>Where calls come at the pace of heartbeats, a lease ends when it is over. Where they come now
 * and then, as from a script that looks every ten seconds, a gap says little: then a lease ends
 * four leases after it was over, and only while no gap lasts that long.
 */
final class LeaseEnds {
  private static final int PATIENCE = 4;
  private final Duration lease;
  private final Duration patience;
  private final Reachability steady;
  private final Reachability nowAndThen;

  LeaseEnds(Duration heartbeat, Duration lease, Instant now) {
    this.lease = lease;
    this.patience = lease.multipliedBy(PATIENCE);
    this.steady = new Reachability(heartbeat.multipliedBy(3).dividedBy(2), now);
    this.nowAndThen = new Reachability(patience, now);
  }

  /**
   * Leases that were over before this time may end now.
   *
   * @param servingSince since when this service and its database have worked without a break
   * @param lastCall when a call was last seen here
   */
  Instant before(Instant servingSince, Instant lastCall, Instant now) {
    Instant steadySince = later(servingSince, steady.look(lastCall, now));
    Instant openSince = later(servingSince, nowAndThen.look(lastCall, now));
    if (!now.isBefore(steadySince.plus(lease))) {
      return now;
    }
    return now.isBefore(openSince.plus(patience)) ? Instant.EPOCH : now.minus(patience);
  }

  private static Instant later(Instant a, Instant b) {
    return a.isAfter(b) ? a : b;
  }
}
