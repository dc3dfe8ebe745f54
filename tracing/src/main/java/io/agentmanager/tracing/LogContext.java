package io.agentmanager.tracing;

import java.util.List;
import java.util.Optional;
import org.slf4j.MDC;

/**
 * Names the workflow that a thread works on in every line that it logs, until it is closed. In
 * structured logs these are fields of their own; OpenTelemetry's trace and span stand beside them.
 */
public final class LogContext implements AutoCloseable {
  private static final String TENANT = "agentmanager.tenant.id";
  private final List<MDC.MDCCloseable> fields;

  private LogContext(List<MDC.MDCCloseable> fields) {
    this.fields = fields;
  }

  /** Until it is closed, by the thread that began it. */
  public static LogContext of(String tenant, String workflow) {
    return new LogContext(
        List.of(
            MDC.putCloseable(TENANT, tenant),
            MDC.putCloseable("agentmanager.workflow.id", workflow)));
  }

  /** The same for an attempt at a step. */
  public static LogContext ofStep(String workflow, String step, int attempt) {
    return new LogContext(
        List.of(
            MDC.putCloseable("agentmanager.workflow.id", workflow),
            MDC.putCloseable("agentmanager.step.id", step),
            MDC.putCloseable("agentmanager.step.attempt", Integer.toString(attempt))));
  }

  /** Whose workflow this thread works on, where that was said. */
  public static Optional<String> tenant() {
    return Optional.ofNullable(MDC.get(TENANT));
  }

  @Override
  public void close() {
    fields.forEach(MDC.MDCCloseable::close);
  }
}
