package io.agentmanager.worker.cli;

import io.agentmanager.models.MeteredModel;
import io.agentmanager.models.provider.ModelSettings;
import io.agentmanager.models.provider.Models;
import io.agentmanager.tracing.OpenTelemetrySpans;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import io.agentmanager.worker.agent.Agent;
import io.agentmanager.worker.agent.AgentTool;
import io.agentmanager.worker.mcp.McpServers;
import io.agentmanager.worker.metrics.OpenTelemetryMetrics;
import io.agentmanager.worker.rule.RuleChatModel;
import io.agentmanager.worker.tool.CommandTool;
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
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker whose every capability is an agent with the built-in tools. */
public final class AgentWorker {
  private static final Logger log = LoggerFactory.getLogger(AgentWorker.class);

  private AgentWorker() {}

  /**
   * Starts it, with the model that the settings or the environment name, or by rules when they name
   * none.
   *
   * @throws IOException when the workspace is not there
   * @throws IllegalArgumentException when a setting cannot be used; the message says which
   */
  public static Worker start(
      WorkerConfig config, AgentSettings agents, Function<String, @Nullable String> environment)
      throws IOException {
    Path root = Objects.requireNonNullElse(config.workspace(), Path.of("."));
    Workspace workspace = new Workspace(root);
    ModelSettings settings = agents.model(environment);
    OpenTelemetry telemetry = Telemetry.ofEnvironment();
    OpenTelemetryMetrics metrics = new OpenTelemetryMetrics(telemetry);
    MeteredModel model = model(agents, settings, metrics);
    log.info("{} thinks with {}", config.clientAgentId(), model.name());
    McpServers servers = McpServers.of(agents.servers());
    List<Object> tools = tools(agents, workspace);
    check(config, agents, tools, servers);
    Worker.Builder worker = Worker.builder(config.withWorkspace(root));
    for (String capability : config.agentCapabilities()) {
      worker.handler(capability, agent(capability, agents, model, tools, servers));
    }
    return worker
        .listener(metrics)
        .spans(new OpenTelemetrySpans(telemetry))
        .onClose(servers::close)
        .onClose(() -> Telemetry.close(telemetry))
        .start();
  }

  private static MeteredModel model(
      AgentSettings agents, ModelSettings settings, OpenTelemetryMetrics metrics) {
    Optional<MeteredModel> model =
        agents.isStreaming()
            ? Models.createStreaming(settings, metrics)
            : Models.create(settings, metrics);
    return model.orElseGet(
        () -> new MeteredModel(new RuleChatModel(), RuleChatModel.NAME, Map.of()));
  }

  private static List<Object> tools(AgentSettings settings, Workspace workspace) {
    List<Object> tools = new ArrayList<>(List.of(new FileTools(workspace)));
    if (!settings.hosts().isEmpty()) {
      tools.add(new FetchTool(settings.hosts()));
    }
    AgentSettings.Commands commands = settings.commands();
    if (commands != null && !commands.allowed().isEmpty()) {
      tools.add(new CommandTool(workspace, commands.allowed(), commands.time(), commands.output()));
    }
    return tools;
  }

  /** A name that is misspelt must not leave a tool without what it was to be held by. */
  private static void check(
      WorkerConfig config, AgentSettings settings, List<Object> tools, McpServers servers) {
    Set<String> known =
        tools.stream()
            .flatMap(AgentTool::allOf)
            .map(tool -> tool.specification().name())
            .collect(Collectors.toCollection(TreeSet::new));
    checkNames("not_repeatable", settings.notRepeated(), known, servers);
    checkNames("need_approval", settings.approved(), known, servers);
    for (String capability : settings.byCapability().keySet()) {
      if (!config.agentCapabilities().contains(capability)) {
        throw new IllegalArgumentException(
            "instructions names %s, which is not among agent_capabilities: %s"
                .formatted(capability, config.agentCapabilities()));
      }
    }
  }

  private static void checkNames(
      String key, List<String> names, Set<String> known, McpServers servers) {
    for (String name : names) {
      if (!known.contains(name) && !servers.mayOffer(name)) {
        throw new IllegalArgumentException(
            "%s names %s, which is no tool of this worker: there are %s, and those of servers as"
                    .formatted(key, name, known)
                + " <server>_<tool>");
      }
    }
  }

  private static Agent agent(
      String capability,
      AgentSettings settings,
      MeteredModel model,
      List<Object> tools,
      McpServers servers) {
    Agent.Builder agent =
        Agent.builder(model)
            .instructions(settings.instructions(capability))
            .limits(settings.agentLimits())
            .tools(tools.toArray())
            .toolsFor(step -> servers.tools())
            .notRepeatable(settings.notRepeated().toArray(String[]::new))
            .needsApproval(settings.approved().toArray(String[]::new));
    return settings.isTextual() ? agent.textProtocol().build() : agent.build();
  }
}
