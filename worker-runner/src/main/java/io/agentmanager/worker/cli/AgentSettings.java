package io.agentmanager.worker.cli;

import io.agentmanager.worker.ConfigFile;
import io.agentmanager.worker.WorkerConfig;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the built-in agent takes from a worker's configuration file, beside {@link WorkerConfig}.
 *
 * @param fetchAllowedHosts hosts that its fetch tool may ask; absent means none, and no such tool
 * @param instructions what the agent of a capability is told beyond its rules, by capability
 */
public record AgentSettings(
    @Nullable List<String> fetchAllowedHosts, @Nullable Map<String, String> instructions) {
  /** Nothing is set. */
  public static AgentSettings none() {
    return new AgentSettings(null, null);
  }

  /**
   * Reads them.
   *
   * @throws IllegalArgumentException when a value cannot be used; the message says which
   */
  public static AgentSettings of(ConfigFile file) {
    return file.as(AgentSettings.class);
  }

  List<String> hosts() {
    return Objects.requireNonNullElse(fetchAllowedHosts, List.of());
  }

  String instructions(String capability) {
    return Objects.requireNonNullElse(instructions, Map.<String, String>of())
        .getOrDefault(capability, "");
  }
}
