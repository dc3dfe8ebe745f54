package io.agentmanager.contracts.id;

import java.util.Comparator;

/** The whole key of a workflow: nothing is ever loaded by less than tenant and id. */
public record WorkflowKey(TenantId tenant, WorkflowId workflow) implements Comparable<WorkflowKey> {
  private static final Comparator<WorkflowKey> ORDER =
      Comparator.<WorkflowKey, String>comparing(k -> k.tenant.value())
          .thenComparing(k -> k.workflow.value());

  /** Makes a key from its two texts. */
  public static WorkflowKey of(String tenant, String workflow) {
    return new WorkflowKey(new TenantId(tenant), new WorkflowId(workflow));
  }

  @Override
  public int compareTo(WorkflowKey other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return tenant + "/" + workflow;
  }
}
