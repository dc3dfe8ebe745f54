package io.agentmanager.benchmarks;

import io.agentmanager.worker.StepHandler;
import io.agentmanager.worker.Worker;

/** A system under measure, as far as its API tells of it. */
interface Target {
  /** What the command line asked for. */
  Settings settings();

  /** The API as somebody who may do everything in one tenant. */
  Api api() throws Exception;

  /** Starts a worker of one capability, which is its name too. */
  Worker worker(String capability, int parallel, StepHandler handler) throws Exception;

  /** Watches workflows end from now on; calls back for each that ends. */
  Ends ends(Runnable each) throws Exception;

  /** Workflows that end. */
  interface Ends extends AutoCloseable {
    /** A workflow that was submitted just now. */
    void submitted(String workflow);

    /** How many have completed so far. */
    long completed() throws Exception;
  }

  /**
   * What the command line asked for.
   *
   * @param warmUpSec load before anything is measured
   * @param seconds how long one repeat of a scenario that takes its time is
   * @param repeats how often it is repeated
   * @param times how often a single thing is timed
   * @param steadySec how long the steady load lasts
   * @param backlog how many steps are ready at once
   */
  record Settings(int warmUpSec, int seconds, int repeats, int times, int steadySec, int backlog) {}
}
