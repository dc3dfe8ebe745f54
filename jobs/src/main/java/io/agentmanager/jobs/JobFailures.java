package io.agentmanager.jobs;

import java.io.UncheckedIOException;

/**
 * What tenants are told of a job that failed. The rest, such as addresses within the system or what
 * a model's provider says of the operator's key, is for the log.
 */
public final class JobFailures {
  private JobFailures() {}

  /** One sentence, with nothing of the message in it. */
  public static String told(Throwable cause) {
    for (Throwable t = cause; t != null; t = t.getCause()) {
      if (t instanceof UncheckedIOException) {
        return "A part of the system did not answer for too long.";
      }
      if (t.getClass().getName().startsWith("dev.langchain4j.")) {
        return "The model refused the call (%s).".formatted(t.getClass().getSimpleName());
      }
    }
    return "The system failed; its log says why.";
  }
}
