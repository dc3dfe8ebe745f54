package io.agentmanager.task.meter;

import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.journal.BackgroundLoop;
import io.agentmanager.task.worker.LeaseSettings;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * How much is open, of all tenants together; every replica tells the same, so take the highest. It
 * is counted once a period, and never for more than a twentieth of the time.
 */
@Component
class WorkloadMeters extends BackgroundLoop {
  private static final Logger log = LoggerFactory.getLogger(WorkloadMeters.class);
  private static final int SHARE = 20;

  /** Capabilities are names that tenants choose; beyond these many, those with least to do. */
  private static final int MOST_CAPABILITIES = 100;

  /** Those that spent most today; a series of each tenant would be too many. */
  private static final int MOST_TENANTS = 50;

  private static final String OTHERS = "(others)";

  private final WorkloadStore store;
  private final LeaseSettings leases;
  private final InstantSource clock;
  private final MeterSettings settings;
  private final MultiGauge workflows;
  private final MultiGauge ready;
  private final MultiGauge unserved;
  private final MultiGauge oldest;
  private final MultiGauge blocked;
  private final MultiGauge tokens;
  private final MultiGauge cost;
  private volatile double running = Double.NaN;
  private volatile double pending = Double.NaN;

  WorkloadMeters(
      WorkloadStore store,
      LeaseSettings leases,
      InstantSource clock,
      MeterSettings settings,
      MeterRegistry registry) {
    super("workload-meters");
    this.store = store;
    this.leases = leases;
    this.clock = clock;
    this.settings = settings;
    workflows =
        gauge(registry, "agentmanager.workflows", "Workflows that have not ended, by state");
    ready = gauge(registry, "agentmanager.steps.ready", "Steps that wait for a worker");
    unserved =
        gauge(
            registry,
            "agentmanager.steps.unserved",
            "Steps that wait, and that no living worker of their tenant offers to do");
    oldest =
        MultiGauge.builder("agentmanager.steps.ready.age")
            .description("How long the step that waits longest has waited for a worker")
            .baseUnit("seconds")
            .register(registry);
    blocked =
        gauge(
            registry, "agentmanager.steps.blocked", "READY steps that wait for a file or a pause");
    tokens =
        gauge(
            registry,
            "agentmanager.tenant.tokens.today",
            "Tokens that models took and gave for a tenant since midnight in UTC");
    cost =
        MultiGauge.builder("agentmanager.tenant.cost.today")
            .description("What models cost a tenant since midnight in UTC, by the price table")
            .baseUnit("usd")
            .register(registry);
    Gauge.builder("agentmanager.steps.in.progress", () -> running)
        .description("Steps that workers hold")
        .register(registry);
    Gauge.builder("agentmanager.steps.pending", () -> pending)
        .description("Steps that wait for other steps")
        .register(registry);
  }

  private static MultiGauge gauge(MeterRegistry registry, String name, String description) {
    return MultiGauge.builder(name).description(description).register(registry);
  }

  @Override
  protected void work() throws InterruptedException {
    while (isRunning()) {
      long began = System.nanoTime();
      try {
        look();
      } catch (RuntimeException e) {
        log.warn("what is open is not known: {}", e.toString());
        forget();
      }
      lookAtSpending();
      Duration took = Duration.ofNanos(System.nanoTime() - began);
      Thread.sleep(
          Stream.of(settings.period(), took.multipliedBy(SHARE))
              .max(Comparator.naturalOrder())
              .get());
    }
  }

  /** No figure is better than an old one. */
  private void forget() {
    List.of(workflows, ready, unserved, oldest, blocked)
        .forEach(gauge -> gauge.register(List.of(), true));
    running = Double.NaN;
    pending = Double.NaN;
  }

  private void look() {
    Instant now = clock.instant();
    List<WorkloadStore.Workflows> open = store.workflows();
    List<WorkloadStore.Ready> waiting = limited(store.ready(now, leases.lease()));
    List<WorkloadStore.Blocked> held = store.blocked();
    long inProgress = store.running();
    running = inProgress;
    long openSteps = open.stream().mapToLong(WorkloadStore.Workflows::openSteps).sum();
    long readySteps =
        waiting.stream().mapToLong(WorkloadStore.Ready::steps).sum()
            + held.stream().mapToLong(WorkloadStore.Blocked::steps).sum();
    pending = Math.max(0, openSteps - readySteps - inProgress);
    workflows.register(byState(open), true);
    ready.register(rows(waiting, WorkloadStore.Ready::steps), true);
    unserved.register(rows(waiting, WorkloadStore.Ready::unserved), true);
    oldest.register(rows(waiting, r -> r.oldest().toMillis() / 1000.0), true);
    blocked.register(
        Stream.of("files", "backoff")
            .<MultiGauge.Row<?>>map(
                by ->
                    MultiGauge.Row.of(
                        Tags.of("by", by),
                        held.stream()
                            .filter(b -> b.by().equals(by))
                            .mapToLong(WorkloadStore.Blocked::steps)
                            .sum()))
            .toList(),
        true);
  }

  /** By itself: whoever scales by what waits is not to miss that for want of this. */
  private void lookAtSpending() {
    List<WorkloadStore.Spent> spent = List.of();
    try {
      spent = store.spent(LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC), MOST_TENANTS);
    } catch (RuntimeException e) {
      log.warn("what tenants spent is not known: {}", e.toString());
    }
    tokens.register(byTenant(spent, WorkloadStore.Spent::tokens), true);
    cost.register(byTenant(spent, WorkloadStore.Spent::costUsd), true);
  }

  private static List<MultiGauge.Row<?>> byTenant(
      List<WorkloadStore.Spent> spent, Function<WorkloadStore.Spent, Number> figure) {
    return spent.stream()
        .<MultiGauge.Row<?>>map(
            s -> MultiGauge.Row.of(Tags.of("tenant", s.tenant()), figure.apply(s)))
        .toList();
  }

  private static List<MultiGauge.Row<?>> byState(List<WorkloadStore.Workflows> open) {
    Map<String, Long> counts =
        open.stream()
            .collect(
                Collectors.toMap(
                    WorkloadStore.Workflows::status, WorkloadStore.Workflows::workflows));
    return Arrays.stream(WorkflowStatus.values())
        .filter(status -> !status.isFinished())
        .<MultiGauge.Row<?>>map(
            status ->
                MultiGauge.Row.of(
                    Tags.of("status", status.name()), counts.getOrDefault(status.name(), 0L)))
        .toList();
  }

  private static List<WorkloadStore.Ready> limited(List<WorkloadStore.Ready> all) {
    if (all.size() <= MOST_CAPABILITIES) {
      return all;
    }
    List<WorkloadStore.Ready> sorted =
        all.stream()
            .sorted(Comparator.comparingLong(WorkloadStore.Ready::steps).reversed())
            .toList();
    WorkloadStore.Ready others =
        sorted.stream()
            .skip(MOST_CAPABILITIES)
            .reduce(
                new WorkloadStore.Ready(OTHERS, 0, 0, Duration.ZERO),
                (a, b) ->
                    new WorkloadStore.Ready(
                        OTHERS,
                        a.steps() + b.steps(),
                        a.unserved() + b.unserved(),
                        a.oldest().compareTo(b.oldest()) > 0 ? a.oldest() : b.oldest()));
    return Stream.concat(sorted.stream().limit(MOST_CAPABILITIES), Stream.of(others)).toList();
  }

  private static List<MultiGauge.Row<?>> rows(
      List<WorkloadStore.Ready> all, Function<WorkloadStore.Ready, Number> figure) {
    return all.stream()
        .<MultiGauge.Row<?>>map(
            r -> MultiGauge.Row.of(Tags.of("capability", r.capability()), figure.apply(r)))
        .toList();
  }
}
