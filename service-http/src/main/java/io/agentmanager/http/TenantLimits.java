package io.agentmanager.http;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a tenant may use. An absent limit is no limit.
 *
 * @param requestsPerSecond calls a second, over all replicas of the gateway
 * @param burst calls at once after a pause; absent: as many as two seconds allow
 * @param openCalls calls that have no whole answer yet, at each replica of the gateway; absent:
 *     {@value #OPEN_CALLS}, so that no tenant takes all connections
 * @param openWorkflows workflows that have not ended
 * @param parallelSteps steps that are being worked on
 * @param tokensPerDay tokens of models, in and out, a day in UTC
 * @param costUsdPerDay what models may cost, a day in UTC
 */
public record TenantLimits(
    @Nullable Integer requestsPerSecond,
    @Nullable Integer burst,
    @Nullable Integer openCalls,
    @Nullable Integer openWorkflows,
    @Nullable Integer parallelSteps,
    @Nullable Long tokensPerDay,
    @Nullable Double costUsdPerDay) {
  static final TenantLimits NONE = new TenantLimits(null, null, null, null, null, null, null);

  private static final int OPEN_CALLS = 5_000;

  /**
   * Checks the signs.
   *
   * @throws IllegalArgumentException for a limit below what makes sense
   */
  public TenantLimits {
    least(requestsPerSecond, 1, "requests-per-second");
    least(burst, 1, "burst");
    least(openCalls, 1, "open-calls");
    least(openWorkflows, 0, "open-workflows");
    least(parallelSteps, 0, "parallel-steps");
    least(tokensPerDay, 0, "tokens-per-day");
    least(costUsdPerDay, 0, "cost-usd-per-day");
  }

  private static void least(@Nullable Number limit, int least, String name) {
    if (limit != null && !(limit.doubleValue() >= least)) {
      throw new IllegalArgumentException(name + " must be at least " + least + ": " + limit);
    }
  }

  /** The calls that may come at once. */
  public int burstOrDefault() {
    return burst != null ? burst : Math.toIntExact(2L * Objects.requireNonNull(requestsPerSecond));
  }

  /** The calls that may be open at a time. */
  public int openCallsOrDefault() {
    return openCalls != null ? openCalls : OPEN_CALLS;
  }

  /** Whether there is a limit to what a day may use. */
  public boolean hasDailyLimit() {
    return tokensPerDay != null || costUsdPerDay != null;
  }

  /** Whether claims have to ask what is left. */
  public boolean limitsClaims() {
    return parallelSteps != null || hasDailyLimit();
  }

  TenantLimits orElse(TenantLimits standard) {
    return new TenantLimits(
        requestsPerSecond != null ? requestsPerSecond : standard.requestsPerSecond,
        burst != null ? burst : requestsPerSecond != null ? null : standard.burst,
        openCalls != null ? openCalls : standard.openCalls,
        openWorkflows != null ? openWorkflows : standard.openWorkflows,
        parallelSteps != null ? parallelSteps : standard.parallelSteps,
        tokensPerDay != null ? tokensPerDay : standard.tokensPerDay,
        costUsdPerDay != null ? costUsdPerDay : standard.costUsdPerDay);
  }
}
