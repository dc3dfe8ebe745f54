package io.agentmanager.worker;

import io.agentmanager.contracts.api.WorkerTerms;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes a worker known to the server: at its start, and whenever the server has forgotten it. */
final class Registration {
  private static final Logger log = LoggerFactory.getLogger(Registration.class);
  private static final String VERSION = version();
  private final WorkerConfig config;
  private final GatewayClient gateway;
  private volatile boolean ended;

  Registration(WorkerConfig config, GatewayClient gateway) {
    this.config = config;
    this.gateway = gateway;
  }

  /** Returns the server's terms once it answers; nothing when the worker closes before. */
  Optional<WorkerTerms> renew() throws InterruptedException {
    for (int failures = 1; !ended; failures++) {
      try {
        WorkerTerms terms = gateway.register(VERSION);
        log.info("{} works for {}", config.clientAgentId(), config.serverUrl());
        return Optional.of(terms);
      } catch (IOException e) {
        log.warn("cannot register at {}: {}", config.serverUrl(), GatewayCalls.describe(e));
        Thread.sleep(Pauses.after(failures));
      }
    }
    return Optional.empty();
  }

  /** The worker closes: who waits for the server waits no more. */
  void end() {
    ended = true;
  }

  private static String version() {
    try (InputStream in = Registration.class.getResourceAsStream("version.txt")) {
      byte[] text = Objects.requireNonNull(in, "version.txt is not in the jar").readAllBytes();
      return new String(text, StandardCharsets.UTF_8).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
