package io.agentmanager.task.event;

import io.agentmanager.contracts.api.AuditReport;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.ServiceClient;
import java.util.Optional;

/** Asks the audit-service for its reports. */
final class AuditClient {
  private final ServiceClient audits;

  AuditClient(ServiceClient audits) {
    this.audits = audits;
  }

  Optional<AuditReport> report(WorkflowKey key, int cycle) {
    return audits.get(
        key.tenant(), "/internal/audits/" + key.workflow() + "/" + cycle, AuditReport.class);
  }

  void ensureAudit(WorkflowKey key, int cycle) {
    boolean unused =
        audits.ensure(key.tenant(), "/internal/audits/" + key.workflow() + "/" + cycle);
  }
}
