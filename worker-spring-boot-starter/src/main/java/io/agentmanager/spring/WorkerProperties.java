package io.agentmanager.spring;

import io.agentmanager.worker.WorkerConfig;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The worker of an application.
 *
 * @param enabled false begins none
 * @param clientAgentId the worker's name; of several replicas each needs its own
 * @param serverUrl the gateway
 * @param authToken an API token of the worker's tenant, unless there is {@code oidc}
 * @param polling how long a claim waits for work, 1 to 30 s
 * @param maxParallelTasks attempts at once, 1 to 1000
 * @param workspace root of the files that tools may touch; absent means the current folder
 * @param spool where finished results wait until the server has answered
 * @param drain how long running attempts may finish after a stop was asked for
 * @param transport {@code http}, or the name of a doorbell that is on the class path, such as
 *     {@code kafka}
 * @param kafka where the doorbell of that name listens
 * @param oidc the identity provider that gives the worker its tokens
 */
@ConfigurationProperties("agentmanager.worker")
public record WorkerProperties(
    @DefaultValue("true") boolean enabled,
    @Nullable String clientAgentId,
    @Nullable URI serverUrl,
    @Nullable String authToken,
    @DefaultValue("5s") Duration polling,
    @DefaultValue("2") int maxParallelTasks,
    @Nullable Path workspace,
    @Nullable Path spool,
    @DefaultValue("30s") Duration drain,
    @Nullable String transport,
    WorkerConfig.@Nullable Kafka kafka,
    WorkerConfig.@Nullable Oidc oidc) {

  /** Never shows the token. */
  @Override
  public String toString() {
    return "WorkerProperties[" + clientAgentId + " at " + serverUrl + "]";
  }

  /**
   * As the library takes it.
   *
   * @throws IllegalStateException when one that must be set is not; the message names it
   */
  WorkerConfig config(List<String> capabilities) {
    if (clientAgentId == null || serverUrl == null) {
      throw new IllegalStateException(
          "set agentmanager.worker."
              + (clientAgentId == null ? "client-agent-id" : "server-url")
              + ", or agentmanager.worker.enabled=false");
    }
    return new WorkerConfig(
        clientAgentId,
        serverUrl,
        authToken,
        (int) polling.toSeconds(),
        maxParallelTasks,
        capabilities,
        workspace,
        spool,
        (int) drain.toSeconds(),
        transport,
        kafka,
        oidc);
  }
}
