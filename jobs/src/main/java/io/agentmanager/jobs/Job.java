package io.agentmanager.jobs;

/** A kind of long work. Running it again after it was done must change nothing. */
public interface Job {
  /** A stable name: it stands in the database. */
  String name();

  /** Does the work. Whatever it throws is tried again, a bounded number of times. */
  void run(JobKey key) throws Exception;

  /** The tries are used up: leave an end that others can go on from. */
  void giveUp(JobKey key, Throwable cause);
}
