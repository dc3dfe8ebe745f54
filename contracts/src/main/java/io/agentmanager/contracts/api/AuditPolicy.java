package io.agentmanager.contracts.api;

import org.jspecify.annotations.Nullable;

/**
 * How a workflow is audited.
 *
 * @param mode who judges; absent means {@link AuditMode#RULES}
 * @param maxReworkCycles how many failed audits send steps back before the workflow fails; 0 to 10,
 *     absent means 2
 */
public record AuditPolicy(@Nullable AuditMode mode, @Nullable Integer maxReworkCycles) {
  private static final int DEFAULT_CYCLES = 2;

  /** The policy of a submission that names none. */
  public static AuditPolicy standard() {
    return new AuditPolicy(AuditMode.RULES, DEFAULT_CYCLES);
  }

  /** This policy with every absent part at its default. */
  public AuditPolicy orDefaults() {
    return new AuditPolicy(effectiveMode(), effectiveCycles());
  }

  /** The mode, or its default. */
  public AuditMode effectiveMode() {
    return mode == null ? AuditMode.RULES : mode;
  }

  /** The number of cycles, or its default. */
  public int effectiveCycles() {
    return maxReworkCycles == null ? DEFAULT_CYCLES : maxReworkCycles;
  }
}
