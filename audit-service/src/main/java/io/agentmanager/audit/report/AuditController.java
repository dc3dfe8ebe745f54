package io.agentmanager.audit.report;

import io.agentmanager.audit.RequestAudit;
import io.agentmanager.audit.TaskServiceClient;
import io.agentmanager.contracts.api.AuditReport;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.Caller;
import io.agentmanager.http.ProblemException;
import java.util.List;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RestController;

/** Reports over HTTP. */
@RestController
class AuditController {
  private final AuditReports reports;
  private final RequestAudit requests;
  private final TaskServiceClient tasks;

  AuditController(AuditReports reports, RequestAudit requests, TaskServiceClient tasks) {
    this.requests = requests;
    this.reports = reports;
    this.tasks = tasks;
  }

  @GetMapping("/v1/workflows/{id}/audits")
  List<AuditReport> audits(Caller caller, @PathVariable String id) {
    WorkflowKey key = new WorkflowKey(caller.tenant(), new WorkflowId(id));
    List<AuditReport> found = reports.of(key);
    if (found.isEmpty() && !tasks.exists(key)) {
      throw ProblemException.of(ProblemType.NOT_FOUND, "There is no such workflow.");
    }
    return found;
  }

  @GetMapping("/internal/audits/{id}/{cycle}")
  AuditReport audit(Caller caller, @PathVariable String id, @PathVariable int cycle) {
    return reports
        .of(new WorkflowKey(caller.tenant(), new WorkflowId(id)), cycle)
        .orElseThrow(() -> ProblemException.of(ProblemType.NOT_FOUND, "There is no such report."));
  }

  /** The task-service waits for this audit. */
  @PutMapping("/internal/audits/{id}/{cycle}")
  ResponseEntity<Void> ensure(Caller caller, @PathVariable String id, @PathVariable int cycle) {
    requests.ensure(new WorkflowKey(caller.tenant(), new WorkflowId(id)), cycle);
    return ResponseEntity.accepted().build();
  }
}
