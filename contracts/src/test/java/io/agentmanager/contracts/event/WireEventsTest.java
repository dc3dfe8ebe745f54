package io.agentmanager.contracts.event;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.api.Usage;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.contracts.id.StepId;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.contracts.json.WireJson;
import java.io.InputStream;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Version 1 of every event as it stands on the wire. These texts never change: readers rely on
 * them.
 */
class WireEventsTest {
  private static final TenantId TENANT = new TenantId("default");
  private static final WorkflowId ID = new WorkflowId("w-1");

  static Stream<Arguments> golden() {
    return Stream.of(
        Arguments.of(
            new WorkflowEvent.WorkflowSubmitted(TENANT, ID),
            "{\"tenant_id\":\"default\",\"workflow_id\":\"w-1\"}"),
        Arguments.of(
            new WorkflowEvent.WorkflowPlanned(TENANT, ID, true, 3),
            "{\"tenant_id\":\"default\",\"workflow_id\":\"w-1\",\"succeeded\":true,\"step_count\":3}"),
        Arguments.of(
            new WorkflowEvent.StepReady(TENANT, ID, new StepId("s"), 1, "researcher", 5),
            "{\"tenant_id\":\"default\",\"workflow_id\":\"w-1\",\"step_id\":\"s\",\"attempt\":1,"
                + "\"capability\":\"researcher\",\"priority\":5}"),
        Arguments.of(
            new WorkflowEvent.StepCompleted(
                TENANT, ID, new StepId("s"), 2, StepStatus.COMPLETED, true, 1, AuditMode.RULES),
            "{\"tenant_id\":\"default\",\"workflow_id\":\"w-1\",\"step_id\":\"s\",\"attempt\":2,"
                + "\"status\":\"COMPLETED\",\"drained\":true,\"audit_cycle\":1,\"audit_mode\":\"rules\"}"),
        Arguments.of(
            new WorkflowEvent.AuditPassed(TENANT, ID, 1, new Usage(10, 2, 0.5)),
            "{\"tenant_id\":\"default\",\"workflow_id\":\"w-1\",\"audit_cycle\":1,"
                + "\"usage\":{\"input_tokens\":10,\"output_tokens\":2,\"cost_usd\":0.5}}"),
        Arguments.of(
            new WorkflowEvent.AuditFailed(
                TENANT, ID, 0, List.of(new StepId("s")), false, Usage.NONE),
            "{\"tenant_id\":\"default\",\"workflow_id\":\"w-1\",\"audit_cycle\":0,\"step_ids\":[\"s\"],"
                + "\"exhausted\":false,\"usage\":{\"input_tokens\":0,\"output_tokens\":0,\"cost_usd\":0.0}}"),
        Arguments.of(
            new WorkflowEvent.WorkflowSynthesized(TENANT, ID, 1, true),
            "{\"tenant_id\":\"default\",\"workflow_id\":\"w-1\",\"audit_cycle\":1,\"succeeded\":true}"),
        Arguments.of(
            new WorkflowEvent.WorkflowFinished(TENANT, ID, WorkflowStatus.COMPLETED),
            "{\"tenant_id\":\"default\",\"workflow_id\":\"w-1\",\"status\":\"COMPLETED\"}"));
  }

  @ParameterizedTest
  @MethodSource("golden")
  void anEventStandsOnTheWireAsItAlwaysDid(WorkflowEvent event, String json) {
    assertThat(WireJson.mapper().writeValueAsString(event)).isEqualTo(json);
    assertThat((Object) WireJson.mapper().readValue(json, event.kind().dataType()))
        .isEqualTo(event);
  }

  @ParameterizedTest
  @MethodSource("golden")
  void anEventFitsItsSchemaInTheAsyncApiDocument(WorkflowEvent event, String json)
      throws Exception {
    JsonNode document;
    try (InputStream file =
        WorkflowEvent.class.getResourceAsStream("/io/agentmanager/contracts/asyncapi.json")) {
      document = WireJson.mapper().readTree(file);
    }
    String name = event.kind().dataType().getSimpleName();
    var root =
        ((tools.jackson.databind.node.ObjectNode) document.deepCopy())
            .put("$ref", "#/components/schemas/" + name);
    var schema =
        SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12).getSchema(root);
    assertThat(schema.validate(json, InputFormat.JSON)).isEmpty();
    assertThat(schema.validate("{}", InputFormat.JSON)).isNotEmpty();
  }

  @Test
  void aFieldThatANewerWriterAddedIsIgnored() {
    String newer = "{\"tenant_id\":\"default\",\"workflow_id\":\"w-1\",\"colour\":\"blue\"}";
    assertThat(WireJson.mapper().readValue(newer, WorkflowEvent.WorkflowSubmitted.class))
        .isEqualTo(new WorkflowEvent.WorkflowSubmitted(TENANT, ID));
  }

  @Test
  void everyKindHasAGoldenEventAndATypeNameOfItsOwn() {
    assertThat(golden().map(a -> ((WorkflowEvent) a.get()[0]).kind()))
        .containsExactlyInAnyOrder(EventKind.values());
    assertThat(Stream.of(EventKind.values()).map(kind -> kind.topic() + " " + kind.typeName()))
        .containsExactly(
            "submitted io.agentmanager.workflow.submitted.v1",
            "planned io.agentmanager.workflow.planned.v1",
            "ready io.agentmanager.step.ready.v1",
            "completed io.agentmanager.step.completed.v1",
            "audit-passed io.agentmanager.audit.passed.v1",
            "audit-failed io.agentmanager.audit.failed.v1",
            "synthesized io.agentmanager.workflow.synthesized.v1",
            "finished io.agentmanager.workflow.finished.v1");
    assertThat(EventKind.ofTypeName("io.agentmanager.step.ready.v1")).hasValue(EventKind.READY);
  }
}
