package io.agentmanager.tracing;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.MDC;

/**
 * Names the workflow that a thread works on in every line that it logs, until it is closed. In
 * structured logs these are fields of their own; OpenTelemetry's trace and span stand beside them.
 */
public final class LogContext implements AutoCloseable {
  /** The field that names a tenant. */
  public static final String TENANT = "agentmanager.tenant.id";

  /** The field that names a workflow. */
  public static final String WORKFLOW = "agentmanager.workflow.id";

  /** The field that names a step. */
  public static final String STEP = "agentmanager.step.id";

  /** The field that numbers an attempt at a step, from 1. */
  public static final String ATTEMPT = "agentmanager.step.attempt";

  private final List<MDC.MDCCloseable> fields;

  private LogContext(List<MDC.MDCCloseable> fields) {
    this.fields = fields;
  }

  /** Until it is closed, by the thread that began it. */
  public static LogContext of(String tenant, String workflow) {
    return new LogContext(
        List.of(MDC.putCloseable(TENANT, tenant), MDC.putCloseable(WORKFLOW, workflow)));
  }

  /** The same for an attempt at a step, with the trace and span that are current. */
  public static LogContext ofStep(String workflow, String step, int attempt) {
    List<MDC.MDCCloseable> fields = new ArrayList<>();
    fields.add(MDC.putCloseable(WORKFLOW, workflow));
    fields.add(MDC.putCloseable(STEP, step));
    fields.add(MDC.putCloseable(ATTEMPT, Integer.toString(attempt)));
    String place = Spans.place();
    if (place != null) {
      String[] parts = place.split("-", -1);
      fields.add(MDC.putCloseable("trace.id", parts[1]));
      fields.add(MDC.putCloseable("span.id", parts[2]));
    }
    return new LogContext(fields);
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
