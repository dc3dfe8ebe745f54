package io.agentmanager.contracts.event;

import java.util.Arrays;
import java.util.Optional;

/** The kinds of events: topic without its prefix, stable type name, and the record of its data. */
public enum EventKind {
  SUBMITTED(
      "submitted", "io.agentmanager.workflow.submitted.v1", WorkflowEvent.WorkflowSubmitted.class),
  PLANNED("planned", "io.agentmanager.workflow.planned.v1", WorkflowEvent.WorkflowPlanned.class),
  READY("ready", "io.agentmanager.step.ready.v1", WorkflowEvent.StepReady.class),
  COMPLETED("completed", "io.agentmanager.step.completed.v1", WorkflowEvent.StepCompleted.class),
  AUDIT_PASSED("audit-passed", "io.agentmanager.audit.passed.v1", WorkflowEvent.AuditPassed.class),
  AUDIT_FAILED("audit-failed", "io.agentmanager.audit.failed.v1", WorkflowEvent.AuditFailed.class),
  SYNTHESIZED(
      "synthesized",
      "io.agentmanager.workflow.synthesized.v1",
      WorkflowEvent.WorkflowSynthesized.class),
  FINISHED(
      "finished", "io.agentmanager.workflow.finished.v1", WorkflowEvent.WorkflowFinished.class);

  private final String topic;
  private final String typeName;
  private final Class<? extends WorkflowEvent> dataType;

  EventKind(String topic, String typeName, Class<? extends WorkflowEvent> dataType) {
    this.topic = topic;
    this.typeName = typeName;
    this.dataType = dataType;
  }

  /** The kind with that CloudEvents type, if this version knows it. */
  public static Optional<EventKind> ofTypeName(String typeName) {
    return Arrays.stream(values()).filter(k -> k.typeName.equals(typeName)).findFirst();
  }

  /** The topic without the configured prefix. */
  public String topic() {
    return topic;
  }

  /** The CloudEvents {@code type}. */
  public String typeName() {
    return typeName;
  }

  /** The record that the data is read into. */
  public Class<? extends WorkflowEvent> dataType() {
    return dataType;
  }
}
