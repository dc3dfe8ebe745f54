package io.agentmanager.contracts.api;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an installation depends on, and what is wrong with it.
 *
 * @param at when it was looked at, by the clock of whoever answers
 * @param status the worst of the checks
 */
public record Diagnosis(Instant at, Status status, List<Check> checks) {
  /** How a dependency does; the later, the worse. */
  public enum Status {
    OK,
    WARNING,
    FAILING
  }

  /**
   * One dependency of one service.
   *
   * @param detail what was seen
   * @param advice what to do about it; absent when nothing is wrong
   */
  public record Check(
      String service, String name, Status status, String detail, @Nullable String advice) {}

  /** Sums up checks. */
  public static Diagnosis of(Instant at, List<Check> checks) {
    Status worst =
        checks.stream().map(Check::status).max(Comparator.naturalOrder()).orElse(Status.OK);
    return new Diagnosis(at, worst, checks);
  }
}
