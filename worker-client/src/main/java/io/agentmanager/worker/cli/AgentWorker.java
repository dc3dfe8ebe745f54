package io.agentmanager.worker.cli;

import io.agentmanager.contracts.api.ClaimedTask;
import io.agentmanager.models.MeteredModel;
import io.agentmanager.models.ModelSettings;
import io.agentmanager.models.Models;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.agent.ModelMetrics;
import io.agentmanager.worker.agent.ReasonActLoop;
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
  public static Worker start(WorkerConfig config, ModelSettings settings) throws IOException {
    Workspace workspace =
        new Workspace(Objects.requireNonNullElse(config.workspace(), Path.of(".")));
    List<String> hosts = Objects.requireNonNullElse(config.fetchAllowedHosts(), List.of());
    OpenTelemetry telemetry = Telemetry.ofEnvironment();
    MeteredModel model =
        Models.create(settings, new ModelMetrics(telemetry))
            .orElseGet(() -> new MeteredModel(new RuleChatModel(), RuleChatModel.NAME, Map.of()));
    log.info("{} thinks with {}", config.clientAgentId(), model.name());
    ReasonActLoop loop = new ReasonActLoop(model, task -> tools(workspace, hosts, task));
    return Worker.builder(config)
        .handlerForAll(loop)
        .telemetry(telemetry)
        .last(() -> Telemetry.close(telemetry))
        .start();
  }

  private static List<Object> tools(Workspace workspace, List<String> hosts, ClaimedTask task) {
    List<Object> tools = new ArrayList<>();
    tools.add(new FileTools(workspace, task));
    if (!hosts.isEmpty()) {
      tools.add(new FetchTool(hosts));
    }
    return tools;
  }
}
