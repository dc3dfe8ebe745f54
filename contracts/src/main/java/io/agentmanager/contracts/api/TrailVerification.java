package io.agentmanager.contracts.api;

import java.util.List;

/**
 * Whether the trail is as it was written.
 *
 * @param intact whether nothing was found
 * @param entries how many were checked
 * @param heads how many published heads and given checkpoints they were compared with
 * @param faults what was found, at most 100
 */
public record TrailVerification(boolean intact, long entries, long heads, List<Fault> faults) {
  /**
   * Something that was done to the trail.
   *
   * @param tenant whose trail it is
   * @param seq the entry, or the first of several
   * @param kind {@code changed}, {@code missing}, {@code truncated}, or {@code unverifiable} when a
   *     key or a published head is not there to tell
   */
  public record Fault(String tenant, long seq, String kind, String detail) {}
}
