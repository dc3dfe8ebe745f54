package io.agentmanager.gateway.diagnosis;

import io.agentmanager.contracts.api.Diagnosis;
import io.agentmanager.contracts.api.Diagnosis.Check;
import io.agentmanager.contracts.api.Diagnosis.Status;
import io.agentmanager.contracts.id.TenantId;
import io.agentmanager.diagnostics.Diagnostics;
import io.agentmanager.gateway.route.ServiceUrls;
import io.agentmanager.http.InternalTokens;
import io.agentmanager.http.ServiceClient;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Supplier;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** The gateway's own dependencies, the services behind it, and theirs. Blocking. */
@Component
class Installation {
  private static final TenantId NOBODYS = new TenantId("default");

  /** Internal tokens live for a minute. */
  private static final Duration TOLERABLE = Duration.ofSeconds(2);

  private final Supplier<Diagnosis> own;
  private final Map<String, ServiceClient> services = new TreeMap<>();
  private final InstantSource clock;

  @Autowired
  Installation(Diagnostics own, ServiceUrls urls, InternalTokens tokens, InstantSource clock) {
    this(own::look, urls, tokens, clock);
  }

  /** Looks with what says how the gateway itself does. */
  Installation(
      Supplier<Diagnosis> own, ServiceUrls urls, InternalTokens tokens, InstantSource clock) {
    this.own = own;
    this.clock = clock;
    Map<String, URI> named =
        Map.of(
            "planner-service", urls.planner(),
            "task-service", urls.task(),
            "audit-service", urls.audit());
    named.forEach((name, url) -> services.put(name, new ServiceClient(url, tokens)));
  }

  Diagnosis look() {
    List<Check> checks = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      CompletableFuture<List<Check>> mine =
          CompletableFuture.supplyAsync(() -> own.get().checks(), threads);
      List<CompletableFuture<List<Check>>> others =
          services.entrySet().stream()
              .map(
                  service ->
                      CompletableFuture.supplyAsync(
                          () -> ask(service.getKey(), service.getValue()), threads))
              .toList();
      checks.addAll(mine.join());
      others.forEach(other -> checks.addAll(other.join()));
    }
    return Diagnosis.of(clock.instant(), checks);
  }

  private List<Check> ask(String name, ServiceClient service) {
    Instant asked = clock.instant();
    try {
      Diagnosis theirs =
          service.get(NOBODYS, "/internal/diagnostics", Diagnosis.class).orElseThrow();
      List<Check> checks = new ArrayList<>();
      checks.add(reached(name, theirs, asked));
      checks.addAll(theirs.checks());
      return checks;
    } catch (RuntimeException e) {
      return List.of(
          new Check(
              "gateway",
              name,
              Status.FAILING,
              "does not answer: " + e.getMessage(),
              "See that it runs and that its address is right; INTERNAL_TOKEN_SECRET must be the"
                  + " same everywhere, and clocks within a minute of each other."));
    }
  }

  /** Between question and answer there is a moment that was theirs. */
  private Check reached(String name, Diagnosis theirs, Instant asked) {
    Instant answered = clock.instant();
    Duration early = Duration.between(theirs.at(), asked);
    Duration late = Duration.between(answered, theirs.at());
    Duration off = early.compareTo(late) > 0 ? early : late;
    boolean agrees = off.compareTo(TOLERABLE) <= 0;
    return new Check(
        "gateway",
        name,
        agrees ? Status.OK : Status.WARNING,
        agrees ? "answers, and its clock agrees" : "its clock is " + off.toMillis() + " ms off",
        agrees ? null : "Keep the clocks of all machines together, with NTP for instance.");
  }
}
