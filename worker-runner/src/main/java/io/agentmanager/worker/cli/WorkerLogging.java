package io.agentmanager.worker.cli;

import java.util.Map;

/** How a worker's process logs; to be said before anything in it has a logger. */
public final class WorkerLogging {
  /** The variable that says how lines look. */
  public static final String FORMAT = "LOGGING_STRUCTURED_FORMAT_CONSOLE";

  private static final String CONFIGURATION = "logback.configurationFile";

  private WorkerLogging() {}

  /**
   * Lines for people, or JSON by the Elastic Common Schema where the variable {@code
   * LOGGING_STRUCTURED_FORMAT_CONSOLE} is {@code ecs}, as for the services. A configuration of
   * Logback's that was named already stays.
   */
  public static void configure(Map<String, String> environment) {
    if (System.getProperty(CONFIGURATION) == null) {
      boolean structured = "ecs".equals(environment.get(FORMAT));
      System.setProperty(
          CONFIGURATION, structured ? "worker-logback-ecs.xml" : "worker-logback.xml");
    }
  }
}
