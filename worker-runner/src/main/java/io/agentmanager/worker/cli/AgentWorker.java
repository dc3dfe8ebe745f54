package io.agentmanager.worker.cli;

import io.agentmanager.models.MeteredModel;
import io.agentmanager.models.provider.ModelSettings;
import io.agentmanager.models.provider.Models;
import io.agentmanager.tracing.OpenTelemetrySpans;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.agent.Agent;
import io.agentmanager.worker.metrics.OpenTelemetryMetrics;
import io.agentmanager.worker.rule.RuleChatModel;
import io.agentmanager.worker.tool.FetchTool;
import io.agentmanager.worker.tool.FileTools;
import io.agentmanager.worker.tool.Workspace;
import io.opentelemetry.api.OpenTelemetry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker whose every capability is an agent with the built-in tools. */
public final class AgentWorker {
  private static final Logger log = LoggerFactory.getLogger(AgentWorker.class);

  private AgentWorker() {}

  /**
   * Starts it, with the model that the settings name, or by rules when they name none.
   *
   * @throws IOException when the workspace is not there
   * @throws IllegalArgumentException when the transport cannot be had
   */
  public static Worker start(WorkerConfig config, AgentSettings agents, ModelSettings settings)
      throws IOException {
    Path root = Objects.requireNonNullElse(config.workspace(), Path.of("."));
    OpenTelemetry telemetry = Telemetry.ofEnvironment();
    OpenTelemetryMetrics metrics = new OpenTelemetryMetrics(telemetry);
    MeteredModel model =
        Models.create(settings, metrics)
            .orElseGet(() -> new MeteredModel(new RuleChatModel(), RuleChatModel.NAME, Map.of()));
    log.info("{} thinks with {}", config.clientAgentId(), model.name());
    List<Object> tools = tools(new Workspace(root), agents);
    Worker.Builder worker = Worker.builder(config.withWorkspace(root));
    for (String capability : config.agentCapabilities()) {
      worker.handler(
          capability,
          Agent.builder(model)
              .instructions(agents.instructions(capability))
              .tools(tools.toArray())
              .build());
    }
    return worker
        .listener(metrics)
        .spans(new OpenTelemetrySpans(telemetry))
        .last(() -> Telemetry.close(telemetry))
        .start();
  }

  private static List<Object> tools(Workspace workspace, AgentSettings agents) {
    List<Object> tools = new ArrayList<>();
    tools.add(new FileTools(workspace));
    if (!agents.hosts().isEmpty()) {
      tools.add(new FetchTool(agents.hosts()));
    }
    return tools;
  }
}
