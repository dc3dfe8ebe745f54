package io.agentmanager.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.tracing.LogContext;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import tools.jackson.databind.JsonNode;

/** Logs as collectors read them: a document a line, in the Elastic Common Schema. */
@ExtendWith(OutputCaptureExtension.class)
class StructuredLogsTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  private static List<JsonNode> lines(CapturedOutput output) {
    return output
        .getOut()
        .lines()
        .filter(line -> line.startsWith("{"))
        .map(line -> WireJson.mapper().readTree(line))
        .toList();
  }

  @Test
  void eachLineIsADocumentThatNamesItsTraceItsTenantAndItsWorkflow(CapturedOutput output)
      throws Exception {
    try (RunningGateway gateway =
        RunningGateway.start(1, "logging.structured.format.console=ecs")) {
      gateway.call(
          0,
          RunningGateway.ADMINISTRATOR,
          "GET",
          "/v1/workflows/traced",
          null,
          "traceparent",
          "00-" + TRACE + "-b7ad6b7169203331-01");
      try (LogContext context = LogContext.of("acme", "w-1")) {
        LoggerFactory.getLogger("test").info("a line\nof two");
      }
    }
    assertThat(lines(output))
        .isNotEmpty()
        .allSatisfy(
            line -> {
              assertThat(line.path("@timestamp").asString()).isNotEmpty();
              assertThat(line.at("/ecs/version").asString()).isNotEmpty();
              assertThat(line.at("/log/level").asString()).isNotEmpty();
              assertThat(line.at("/service/name").asString()).isEqualTo("gateway");
            });
    assertThat(lines(output))
        .anySatisfy(
            line -> {
              assertThat(line.path("message").asString()).startsWith("GET /v1/workflows/traced");
              assertThat(line.at("/trace/id").asString()).isEqualTo(TRACE);
              assertThat(line.at("/http/request/id").asString()).isNotEmpty();
              assertThat(line.at("/agentmanager/tenant/id").asString()).isEqualTo("default");
            });
    assertThat(lines(output))
        .anySatisfy(
            line -> {
              assertThat(line.path("message").asString()).isEqualTo("a line\nof two");
              assertThat(line.at("/agentmanager/tenant/id").asString()).isEqualTo("acme");
              assertThat(line.at("/agentmanager/workflow/id").asString()).isEqualTo("w-1");
            });
  }
}
