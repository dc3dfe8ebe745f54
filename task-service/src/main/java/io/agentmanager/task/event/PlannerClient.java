package io.agentmanager.task.event;

import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.contracts.internal.PlanDocument;
import io.agentmanager.contracts.internal.SynthesisDocument;
import io.agentmanager.http.ServiceClient;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.core.type.TypeReference;

/** Asks the planner for plans and answers. */
public final class PlannerClient {
  private static final TypeReference<List<PlanDocument>> DOCUMENTS = new TypeReference<>() {};
  private final ServiceClient planner;

  PlannerClient(ServiceClient planner) {
    this.planner = planner;
  }

  /** The submission, and the plan once there is one. */
  public Optional<PlanDocument> plan(WorkflowKey key) {
    return planner.get(key.tenant(), "/internal/plans/" + encode(key), PlanDocument.class);
  }

  /** What the planner knows of several workflows of a tenant, as far as it fits one answer. */
  public List<PlanDocument> plans(TenantId tenant, List<WorkflowKey> keys) {
    String ids =
        keys.stream().map(key -> "id=" + encode(key)).collect(Collectors.joining("&", "?", ""));
    return planner.get(tenant, "/internal/plans" + ids, DOCUMENTS).orElse(List.of());
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
