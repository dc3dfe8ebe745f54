package io.agentmanager.worker.agent;

/**
 * Where an agent is held, besides the step's own iterations, time and budget.
 *
 * @param contextTokens about how long the conversation may become before older observations are
 *     condensed; at least 1,000
 * @param observationCharacters how much of one observation the model is shown; the history keeps
 *     the whole; at least 200
 * @param repairs how often in all the model may mend an answer that is no answer
 * @param sameAction how often in a row it may ask for the same action with the same arguments: the
 *     last of these is not carried out and ends the step
 */
public record AgentLimits(
    int contextTokens, int observationCharacters, int repairs, int sameAction) {
  private static final int LEAST_CONTEXT = 1_000;
  private static final int LEAST_OBSERVATION = 200;

  /** Checks them. */
  public AgentLimits {
    if (contextTokens < LEAST_CONTEXT
        || observationCharacters < LEAST_OBSERVATION
        || repairs < 0
        || sameAction < 2) {
      throw new IllegalArgumentException(
          "an agent needs at least 1000 context tokens, 200 characters of an observation, 0 repairs"
              + " and 2 of the same action");
    }
  }

  /** 60,000 tokens, 20,000 characters, 3 repairs, and the third action of a kind ends it. */
  public static AgentLimits defaults() {
    return new AgentLimits(60_000, 20_000, 3, 3);
  }
}
