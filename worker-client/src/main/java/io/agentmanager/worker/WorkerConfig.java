package io.agentmanager.worker;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A worker's configuration, the content of {@code mcp_client_config.json}.
 *
 * @param clientAgentId the worker's name
 * @param serverUrl the gateway
 * @param authToken an API token of the worker's tenant; not needed with {@code oidc}
 * @param pollingIntervalSec how long a claim waits for work, and how long an unreachable server is
 *     left alone; 1 to 30, absent means 5
 * @param maxParallelTasks attempts at once; 1 to 1000, absent means 2
 * @param agentCapabilities what it can do
 * @param workspace root of the files that its tools may touch; absent means the current folder
 * @param spool where finished results wait until the server has answered; absent means {@code
 *     .agentmanager/results} in the workspace
 * @param drainSec how long running attempts may finish after a stop was asked for; absent means 30
 * @param transport how it hears of steps: {@code http}, the default, or the name of a doorbell that
 *     is on the class path, such as {@code kafka}
 * @param kafka where the doorbell of that name listens
 * @param oidc the identity provider that gives the worker its tokens, in place of {@code authToken}
 */
public record WorkerConfig(
    String clientAgentId,
    URI serverUrl,
    @Nullable String authToken,
    @Nullable Integer pollingIntervalSec,
    @Nullable Integer maxParallelTasks,
    List<String> agentCapabilities,
    @Nullable Path workspace,
    @Nullable Path spool,
    @Nullable Integer drainSec,
    @Nullable String transport,
    @Nullable Kafka kafka,
    @Nullable Oidc oidc) {
  /** Takes the line break off that the file of a mounted secret often ends with. */
  public WorkerConfig {
    authToken = authToken == null ? null : authToken.strip();
  }

  private static final int DEFAULT_POLL_SEC = 5;
  private static final int LONGEST_POLL_SEC = 30;
  private static final int DEFAULT_PARALLEL = 2;
  private static final int MOST_PARALLEL = 1000;
  private static final int DEFAULT_DRAIN_SEC = 30;
  private static final int DELETE = 0x7F;

  /**
   * The broker of an installation, for workers inside its cluster.
   *
   * @param bootstrapServers as Kafka's clients take it
   * @param topicPrefix what stands before the names of topics, absent means {@code agentmanager.}
   * @param properties further settings of Kafka's consumer, such as those of its security
   */
  public record Kafka(
      @Nullable String bootstrapServers,
      @Nullable String topicPrefix,
      @Nullable Map<String, String> properties) {
    /** Never shows the settings, which may hold passwords. */
    @Override
    public String toString() {
      return "Kafka[" + bootstrapServers + " " + topicPrefix + "]";
    }
  }

  /**
   * A client of an OpenID Connect provider (client credentials).
   *
   * @param tokenUrl the provider's token endpoint
   * @param scope absent means the client's own
   */
  public record Oidc(URI tokenUrl, String clientId, String clientSecret, @Nullable String scope) {
    /** Never shows the secret. */
    @Override
    public String toString() {
      return "Oidc[" + clientId + " at " + tokenUrl + "]";
    }

    private boolean isWhole() {
      return isWeb(tokenUrl) && clientId != null && clientSecret != null;
    }
  }

  /** A configuration with the six keys that every worker has. */
  public static WorkerConfig of(
      String name, URI server, String token, int parallel, List<String> capabilities) {
    return new WorkerConfig(
        name, server, token, null, parallel, capabilities, null, null, null, null, null, null);
  }

  /**
   * Reads a file; {@code ${NAME}} in a value is taken from the environment.
   *
   * @throws IllegalArgumentException when the file cannot be used; the message says what to change
   */
  public static WorkerConfig read(Path file) {
    return of(ConfigFile.read(file));
  }

  /** The same from a file that was read already. */
  public static WorkerConfig of(ConfigFile file) {
    WorkerConfig config = file.as(WorkerConfig.class);
    config.check(file.path() + ": ");
    return config;
  }

  /** The same with another root for its files. */
  public WorkerConfig withWorkspace(Path root) {
    return with(root, spool, drainSec, transport, kafka, oidc);
  }

  /** The same with another place for finished results. */
  public WorkerConfig withSpool(Path folder) {
    return with(workspace, folder, drainSec, transport, kafka, oidc);
  }

  /** The same with another time for running attempts to finish after a stop. */
  public WorkerConfig withDrain(Duration time) {
    return with(workspace, spool, (int) time.toSeconds(), transport, kafka, oidc);
  }

  /** The same with a doorbell. */
  public WorkerConfig withTransport(String name, @Nullable Kafka broker) {
    return with(workspace, spool, drainSec, name, broker, oidc);
  }

  /** The same with an identity provider in place of a token. */
  public WorkerConfig withOidc(Oidc provider) {
    return with(workspace, spool, drainSec, transport, kafka, provider);
  }

  private WorkerConfig with(
      @Nullable Path newWorkspace,
      @Nullable Path newSpool,
      @Nullable Integer newDrainSec,
      @Nullable String newTransport,
      @Nullable Kafka newKafka,
      @Nullable Oidc newOidc) {
    return new WorkerConfig(
        clientAgentId,
        serverUrl,
        authToken,
        pollingIntervalSec,
        maxParallelTasks,
        agentCapabilities,
        newWorkspace,
        newSpool,
        newDrainSec,
        newTransport,
        newKafka,
        newOidc);
  }

  int parallel() {
    return maxParallelTasks == null ? DEFAULT_PARALLEL : maxParallelTasks;
  }

  int pollSec() {
    int wanted = pollingIntervalSec == null ? DEFAULT_POLL_SEC : pollingIntervalSec;
    return Math.clamp(wanted, 1, LONGEST_POLL_SEC);
  }

  Path workspaceFolder() {
    return Objects.requireNonNullElse(workspace, Path.of("."));
  }

  Path spoolFolder() {
    return spool == null ? workspaceFolder().resolve(".agentmanager/results") : spool;
  }

  Duration drain() {
    return Duration.ofSeconds(drainSec == null ? DEFAULT_DRAIN_SEC : drainSec);
  }

  /** Never shows the token. */
  @Override
  public String toString() {
    return "WorkerConfig[" + clientAgentId + " at " + serverUrl + " for " + agentCapabilities + "]";
  }

  private static boolean isWeb(@Nullable URI url) {
    return url != null
        && url.getHost() != null
        && ("http".equalsIgnoreCase(url.getScheme()) || "https".equalsIgnoreCase(url.getScheme()));
  }

  /** What is missing or wrong, all of it at once. */
  void check(String where) {
    List<String> faults = new ArrayList<>();
    if (clientAgentId == null || clientAgentId.isBlank()) {
      faults.add("client_agent_id is missing");
    }
    if (!isWeb(serverUrl)) {
      faults.add("server_url is no http or https URL");
    }
    if (oidc == null && (authToken == null || authToken.isBlank())) {
      faults.add("auth_token is missing, and so is oidc");
    }
    if (authToken != null && !authToken.chars().allMatch(c -> c > ' ' && c < DELETE)) {
      faults.add("auth_token holds characters that no token has");
    }
    if (oidc != null && !oidc.isWhole()) {
      faults.add("oidc needs token_url, client_id and client_secret");
    }
    if (agentCapabilities == null || agentCapabilities.isEmpty()) {
      faults.add("agent_capabilities names none");
    } else if (new HashSet<>(agentCapabilities).size() < agentCapabilities.size()) {
      faults.add("agent_capabilities names one twice");
    } else if (agentCapabilities.stream().anyMatch(name -> name == null || name.isBlank())) {
      faults.add("agent_capabilities holds an empty name");
    }
    if (parallel() < 1 || parallel() > MOST_PARALLEL) {
      faults.add("max_parallel_tasks must be 1 to 1000");
    }
    if (!faults.isEmpty()) {
      throw new IllegalArgumentException(where + String.join(", ", faults));
    }
  }
}
