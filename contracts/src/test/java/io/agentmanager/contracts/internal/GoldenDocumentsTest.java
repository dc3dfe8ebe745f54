package io.agentmanager.contracts.internal;

import static net.javacrumbs.jsonunit.assertj.JsonAssertions.assertThatJson;
import static net.javacrumbs.jsonunit.core.Option.IGNORING_EXTRA_FIELDS;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.AuditReport;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.contracts.trail.TrailEvent;
import java.io.IOException;
import java.io.InputStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * What services of version 1 ask of each other and keep in topics. The files are added to and never
 * changed: while replicas are replaced, old and new ones read each other's documents.
 */
class GoldenDocumentsTest {
  private static JsonNode kept(Class<?> type) throws IOException {
    String name = "/golden/v1/" + type.getSimpleName() + ".json";
    try (InputStream file = GoldenDocumentsTest.class.getResourceAsStream(name)) {
      return WireJson.mapper().readTree(file);
    }
  }

  @ParameterizedTest
  @ValueSource(
      classes = {
        PlanDocument.class,
        WorkflowMaterial.class,
        SynthesisDocument.class,
        WorkflowPresence.class,
        DayState.class,
        TrailEvent.class,
        AuditReport.class
      })
  void aDocumentOfVersionOneIsReadWholeAndWrittenSoThatVersionOneReadsIt(Class<?> type)
      throws IOException {
    JsonNode kept = kept(type);
    Object read = WireJson.mapper().treeToValue(kept, type);
    assertThatJson(WireJson.mapper().writeValueAsString(read))
        .when(IGNORING_EXTRA_FIELDS)
        .isEqualTo(kept.toString());
    JsonNode newer = ((ObjectNode) kept.deepCopy()).put("colour", "blue");
    assertThat((Object) WireJson.mapper().treeToValue(newer, type)).isEqualTo(read);
  }
}
