package io.agentmanager.task.event;

import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.contracts.internal.SynthesisDocument;
import io.agentmanager.http.ServiceClient;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Asks the planner for plans and answers. */
public final class PlannerClient {
  private final ServiceClient planner;

  PlannerClient(ServiceClient planner) {
    this.planner = planner;
  }

  /** The submission, and the plan once there is one. */
  public Optional<PlanDocument> plan(WorkflowKey key) {
    return planner.get(key.tenant(), "/internal/plans/" + encode(key), PlanDocument.class);
  }

  /** The answer that was synthesised in a cycle. */
  Optional<SynthesisDocument> synthesis(WorkflowKey key, int cycle) {
    return planner.get(
        key.tenant(), "/internal/syntheses/" + encode(key) + "/" + cycle, SynthesisDocument.class);
  }

  void ensureSynthesis(WorkflowKey key, int cycle) {
    boolean unused =
        planner.ensure(key.tenant(), "/internal/syntheses/" + encode(key) + "/" + cycle);
  }

  private static String encode(WorkflowKey key) {
    return URLEncoder.encode(key.workflow().value(), StandardCharsets.UTF_8);
  }
}
