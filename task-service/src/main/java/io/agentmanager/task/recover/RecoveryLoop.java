package io.agentmanager.task.recover;

import io.agentmanager.journal.BackgroundLoop;
import io.agentmanager.task.worker.LeaseSettings;
import io.agentmanager.task.workflow.LiveEvents;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/** Looks once a period. A look that fails means that heartbeats may have failed too. */
@Component
class RecoveryLoop extends BackgroundLoop {
  private static final Logger log = LoggerFactory.getLogger(RecoveryLoop.class);
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(3);
  private final RecoverDue due;
  private final LiveEvents streams;
  private final InboundCalls calls;
  private final RecoverySettings settings;
  private final LeaseSettings leases;
  private final InstantSource clock;

  RecoveryLoop(
      RecoverDue due,
      LiveEvents streams,
      InboundCalls calls,
      RecoverySettings settings,
      LeaseSettings leases,
      InstantSource clock) {
    super("recovery");
    this.settings = settings;
    this.due = due;
    this.streams = streams;
    this.calls = calls;
    this.leases = leases;
    this.clock = clock;
  }

  @Override
  protected void work() throws InterruptedException {
    Instant servingSince = clock.instant();
    Instant last = servingSince;
    LeaseEnds ends = new LeaseEnds(leases.heartbeatInterval(), leases.lease(), servingSince);
    while (isRunning()) {
      try {
        Thread.sleep(settings.period());
        Instant now = clock.instant();
        // A gap means that this process stood still, and took no heartbeats meanwhile.
        servingSince =
            now.isAfter(last.plus(settings.period()).plus(LONGEST_LOOK)) ? now : servingSince;
        last = now;
        due.look(ends.before(servingSince, calls.last(now), now));
        streams.wakeMissed();
      } catch (RuntimeException e) {
        log.warn("could not look for what is due: {}", e.toString());
        servingSince = clock.instant();
        last = servingSince;
      }
    }
  }
}
