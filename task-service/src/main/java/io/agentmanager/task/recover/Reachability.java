package io.agentmanager.task.recover;

import java.time.Duration;
import java.time.Instant;

/**
 * Since when calls have reached this service without a long gap. Calls that come in, and calls that
 * are parked here, show that the way to it is open. A gap may be an outage of what lies between,
 * the gateway above all, and an outage must take no work from anyone, however long it lasts: the
 * count begins anew with the first call after it.
 */
final class Reachability {
  private final Duration longestGap;
  private Instant since;
  private boolean broken;

  Reachability(Duration longestGap, Instant now) {
    this.longestGap = longestGap;
    this.since = now;
  }

  /** Takes in a look: when a call was last seen here. */
  Instant look(Instant lastCall, Instant now) {
    boolean gap = Duration.between(lastCall, now).compareTo(longestGap) > 0;
    if (gap) {
      broken = true;
    } else if (broken) {
      broken = false;
      since = now;
    }
    return broken ? now : since;
  }
}
