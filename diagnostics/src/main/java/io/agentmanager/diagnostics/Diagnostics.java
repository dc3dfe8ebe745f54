package io.agentmanager.diagnostics;

import io.agentmanager.contracts.api.Diagnosis;
import io.agentmanager.contracts.api.Diagnosis.Check;
import io.agentmanager.contracts.api.Diagnosis.Status;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Looks at everything that a service depends on, side by side. Blocking, for seconds at most. */
public final class Diagnostics {
  private static final Logger log = LoggerFactory.getLogger(Diagnostics.class);
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final int LONGEST_DETAIL = 300;
  private final String service;
  private final List<Dependency> dependencies;
  private final InstantSource clock;

  Diagnostics(String service, List<Dependency> dependencies, InstantSource clock) {
    this.service = service;
    this.dependencies = dependencies;
    this.clock = clock;
  }

  private record Look(Dependency dependency, Future<String> seen) {}

  /** Looks now. */
  public Diagnosis look() {
    var threads = Executors.newVirtualThreadPerTaskExecutor();
    try {
      long end = System.nanoTime() + PATIENCE.toNanos();
      List<Look> looks =
          dependencies.stream().map(d -> new Look(d, threads.submit(d.look()))).toList();
      return Diagnosis.of(clock.instant(), looks.stream().map(l -> check(l, end)).toList());
    } finally {
      threads.shutdownNow();
    }
  }

  private Check check(Look look, long end) {
    Dependency of = look.dependency();
    try {
      long left = Math.max(0, end - System.nanoTime());
      String seen = look.seen().get(left, TimeUnit.NANOSECONDS);
      return new Check(service, of.name(), Status.OK, seen, null);
    } catch (TimeoutException e) {
      return bad(of, Status.FAILING, "no answer within " + PATIENCE.toSeconds() + " s");
    } catch (ExecutionException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      log.info("{} is not well: {}", of.name(), cause.toString());
      return cause instanceof Dependency.Doubt
          ? bad(of, Status.WARNING, String.valueOf(cause.getMessage()))
          : bad(of, Status.FAILING, detail(cause));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return bad(of, Status.FAILING, "interrupted");
    }
  }

  private static String detail(Throwable cause) {
    String text =
        cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
    return text.length() <= LONGEST_DETAIL ? text : text.substring(0, LONGEST_DETAIL) + " […]";
  }

  private Check bad(Dependency of, Status status, String detail) {
    return new Check(service, of.name(), status, detail, of.advice());
  }
}
