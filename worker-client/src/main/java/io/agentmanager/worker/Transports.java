package io.agentmanager.worker;

import java.util.Objects;
import java.util.Optional;
import java.util.ServiceLoader;

/** Finds the doorbell that a configuration names. */
final class Transports {
  private static final String HTTP = "http";

  private Transports() {}

  /**
   * The doorbell of the configuration's transport; none for HTTP, which needs none.
   *
   * @throws IllegalArgumentException when nothing on the class path brings it; says what to add
   */
  static Optional<Doorbell> doorbell(WorkerConfig config) {
    String transport = Objects.requireNonNullElse(config.transport(), HTTP);
    if (transport.equals(HTTP)) {
      return Optional.empty();
    }
    return Optional.of(
        ServiceLoader.load(Doorbell.Factory.class).stream()
            .map(ServiceLoader.Provider::get)
            .filter(factory -> factory.transport().equals(transport))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException(missing(transport)))
            .create(config));
  }

  private static String missing(String transport) {
    return "transport is "
        + transport
        + ", but no artefact on the class path brings that; add io.agentmanager:worker-"
        + transport
        + ", or leave transport out";
  }
}
