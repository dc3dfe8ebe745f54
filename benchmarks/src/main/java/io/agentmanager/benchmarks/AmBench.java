package io.agentmanager.benchmarks;

import io.agentmanager.local.Am;

/** The command line of AgentManager with {@code bench}, which brings libraries of its own. */
public final class AmBench {
  private AmBench() {}

  /** Runs a command and exits with its status. */
  public static void main(String[] args) {
    System.exit(Am.run(args, new BenchCommand()));
  }
}
