package io.agentmanager.jobs;

import io.agentmanager.contracts.id.WorkflowKey;

/** What a job is about: a workflow, in one of its audit cycles. A job of one key exists once. */
public record JobKey(WorkflowKey workflow, int cycle) {
  private static final int PARTS = 3;

  String text() {
    return workflow.tenant() + "/" + workflow.workflow() + "/" + cycle;
  }

  static JobKey parse(String text) {
    String[] parts = text.split("/", -1);
    if (parts.length != PARTS) {
      throw new IllegalArgumentException("not a job key: " + text);
    }
    return new JobKey(WorkflowKey.of(parts[0], parts[1]), Integer.parseInt(parts[2]));
  }
}
