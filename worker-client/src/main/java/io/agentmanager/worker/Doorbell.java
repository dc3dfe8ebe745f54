package io.agentmanager.worker;

import java.util.Set;

/**
 * Tells a worker of single steps as they become ready, besides the claims that it makes itself. A
 * ring is a hint: whether the step is still to be had, the server says.
 */
public interface Doorbell {
  /**
   * Listens until the thread is interrupted. Called once, on a thread of its own.
   *
   * @param capabilities what the worker can do
   * @param slots where a step that was rung for is claimed
   */
  void listen(Set<String> capabilities, Slots slots) throws InterruptedException;

  /** The worker's room for attempts. */
  interface Slots {
    /**
     * Waits until the worker has room for one more attempt. It keeps no room: others may take it.
     */
    void awaitFree() throws InterruptedException;

    /**
     * Claims a step by name; when that succeeds, the attempt runs in a slot of this worker.
     *
     * @return {@link Answer#NO_ROOM} when no slot is free any more
     */
    Answer claim(String workflowId, String stepId) throws InterruptedException;
  }

  /** What came of a claim. */
  enum Answer {
    /** The step runs here. */
    TAKEN,
    /** It is not to be had: another worker was first, or it waits for something. */
    NOT_TO_BE_HAD,
    /** The server does not answer now; the same claim may succeed later. */
    TRY_AGAIN,
    /** This worker's slots are taken; another worker may have one. */
    NO_ROOM
  }

  /** Makes a doorbell from a worker's configuration; found by {@link java.util.ServiceLoader}. */
  interface Factory {
    /** The name that stands under {@code transport} in the configuration. */
    String transport();

    /**
     * Makes it.
     *
     * @throws IllegalArgumentException when the configuration lacks something; says what
     */
    Doorbell create(WorkerConfig config);
  }
}
