package io.agentmanager.system.fault;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.system.RunningSystem;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.awaitility.Awaitility;

/** A run of faults against a system under load, and what came of it. */
final class FaultRun implements AutoCloseable {
  private static final int IN_FLIGHT = 240;
  private static final int LEAST_IN_FLIGHT = 200;
  private static final int ENOUGH_HELD = 130;
  private static final int LEAST_HELD = 100;
  private static final Set<String> ENDED = Set.of("COMPLETED", "FAILED", "CANCELLED");
  private static final Duration DRAIN = Duration.ofSeconds(180);
  private static final double LARGEST_GROWTH = 1.10;
  private static final List<String> SERVICES =
      List.of("gateway", "planner-service", "task-service", "audit-service");

  private final RunningSystem system;
  private final Oracles oracles;
  private final FaultInjector injector;
  private final Load load;
  private final int mostInFlight;
  private final long seed;
  private final Random random;
  private final Map<Fault, List<Injection>> injections = new EnumMap<>(Fault.class);
  private final Set<String> checked = new HashSet<>();
  private final Map<String, String> outcomes = new TreeMap<>();
  private final Set<String> doubled = new HashSet<>();
  private final List<String> broken = new ArrayList<>();
  private Map<String, Long> heapBefore = Map.of();
  private Map<String, Long> heapAfter = Map.of();

  /** One fault: which workflows were under way, and how long until all was well. */
  private record Injection(Set<String> inFlight, int held, double secondsToRecover) {}

  /**
   * Begins a run.
   *
   * @param lease how long the system's leases are
   * @param shortestStep how long a step works at least; it works thrice as long at most
   * @param mostInFlight workflows that may be in flight while too few steps are in progress
   */
  FaultRun(RunningSystem system, Duration lease, Duration shortestStep, int mostInFlight, long seed)
      throws IOException {
    this.mostInFlight = mostInFlight;
    this.system = system;
    this.seed = seed;
    this.random = new Random(seed);
    Path logs = Files.createTempDirectory("am-faults");
    int kafka = system.port("kafka");
    this.oracles = new Oracles(system.port("postgres"), kafka, logs);
    this.injector =
        new FaultInjector(
            system, oracles, "127.0.0.1:" + kafka, logs, lease.plusSeconds(3), random);
    this.load = new Load(system.url(), system.token(), shortestStep, seed);
    System.out.println("faults: seed " + seed + ", workers' notes in " + logs);
  }

  /** Brings the load up and lets it end once, so that everything is warm. */
  void warmUp() throws Exception {
    load.start(this::isMoreWanted);
    awaitLoad();
    load.stop();
    drain();
    heapBefore = liveHeap();
  }

  void startLoad() {
    load.start(this::isMoreWanted);
  }

  /**
   * Injects faults side by side when enough is under way, and waits until the system has recovered
   * from all of them.
   */
  void injectAndRecover(List<Fault> faults) throws Exception {
    Thread.sleep(random.nextInt(2_000));
    awaitLoad();
    Set<String> open = open();
    Set<Oracles.Held> held = oracles.held();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<?> one : faults.stream().map(f -> inject(f, threads)).toList()) {
        one.get();
      }
    }
    long over = System.nanoTime();
    awaitRecovery(held);
    double seconds = (System.nanoTime() - over) / 1e9;
    faults.forEach(fault -> note(fault, new Injection(open, held.size(), seconds)));
  }

  private Future<?> inject(Fault fault, ExecutorService threads) {
    return threads.submit(
        () -> {
          injector.inject(fault);
          return fault;
        });
  }

  /** Injects faults one upon the other, each when enough is under way, whatever broke before. */
  void injectTogether(List<Fault> faults) throws Exception {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> injected = new ArrayList<>();
      for (Fault fault : faults) {
        Thread.sleep(random.nextInt(1_000));
        awaitLoad();
        note(fault, new Injection(open(), oracles.held().size(), Double.NaN));
        injected.add(inject(fault, threads));
      }
      for (Future<?> one : injected) {
        one.get();
      }
    }
  }

  private void note(Fault fault, Injection injection) {
    injections.computeIfAbsent(fault, f -> new ArrayList<>()).add(injection);
    System.out.printf(
        Locale.ROOT,
        "faults: %s with %d workflows and %d steps under way, recovered after %s s%n",
        fault.title(),
        injection.inFlight().size(),
        injection.held(),
        shown(injection.secondsToRecover()));
  }

  /** Submits no more, lets everything end, and asks the oracles. */
  void drainAndCheck() throws Exception {
    load.stop();
    drain();
    Set<String> all = new HashSet<>(load.accepted());
    all.removeAll(checked);
    outcomes.putAll(oracles.statuses(all));
    doubled.addAll(oracles.doubled(all));
    broken.addAll(oracles.broken(all));
    Awaitility.await("jobs and relays come to rest")
        .atMost(Duration.ofSeconds(60))
        .pollInterval(Duration.ofSeconds(1))
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(oracles.unsettled()).isEmpty());
    checked.addAll(all);
    heapAfter = heapBefore.isEmpty() ? Map.of() : liveHeap();
  }

  /** The table as it is by now. */
  void write(Path file) throws IOException {
    String table = table();
    System.out.println(table);
    Files.writeString(file, table);
  }

  /** The table, and the assertions that it must stand up to. */
  void report(Path file) throws IOException {
    write(file);
    assertThat(checked).isNotEmpty();
    assertThat(outcomes.keySet()).as("lost").containsAll(checked);
    assertThat(outcomes.entrySet().stream().filter(e -> !e.getValue().equals("COMPLETED")))
        .as("not completed")
        .isEmpty();
    assertThat(doubled).as("doubled").isEmpty();
    assertThat(broken).as("broken").isEmpty();
    heapAfter.forEach(
        (service, bytes) ->
            assertThat((double) bytes / heapBefore.get(service))
                .as("live heap of " + service + " against where it was")
                .isLessThan(LARGEST_GROWTH));
  }

  @Override
  public void close() throws Exception {
    load.close();
    injector.close();
  }

  private String table() {
    StringBuilder table = new StringBuilder("seed " + seed);
    table.append(
        String.format(
            Locale.ROOT,
            "%n%-42s %5s %9s %7s %5s %8s %6s %9s %9s%n",
            "fault",
            "times",
            "in flight",
            "held",
            "lost",
            "doubled",
            "stuck",
            "median s",
            "longest s"));
    injections.forEach((fault, list) -> table.append(row(fault, list)));
    table.append(
        String.format(
            Locale.ROOT, "%d workflows accepted, %d completed%n", checked.size(), completed()));
    heapAfter.forEach(
        (service, bytes) ->
            table.append(
                String.format(
                    Locale.ROOT,
                    "live heap of %s: %.1f MiB, before %.1f MiB%n",
                    service,
                    bytes / 1048576.0,
                    heapBefore.getOrDefault(service, 0L) / 1048576.0)));
    return table.toString();
  }

  private String row(Fault fault, List<Injection> list) {
    Set<String> touched = new HashSet<>();
    list.forEach(i -> touched.addAll(i.inFlight()));
    long lost = touched.stream().filter(id -> !outcomes.containsKey(id)).count();
    long stuck =
        touched.stream()
            .filter(id -> outcomes.containsKey(id) && !ENDED.contains(outcomes.get(id)))
            .count();
    double[] seconds = list.stream().mapToDouble(Injection::secondsToRecover).sorted().toArray();
    return String.format(
        Locale.ROOT,
        "%-42s %5d %9d %7d %5d %8d %6d %9s %9s%n",
        fault.title(),
        list.size(),
        list.stream().mapToInt(i -> i.inFlight().size()).min().orElse(0),
        list.stream().mapToInt(Injection::held).min().orElse(0),
        lost,
        touched.stream().filter(doubled::contains).count(),
        stuck,
        shown(seconds[seconds.length / 2]),
        shown(seconds[seconds.length - 1]));
  }

  /** Where faults lay upon each other, nobody can say how long one of them took. */
  private static String shown(double seconds) {
    return Double.isNaN(seconds) ? "-" : String.format(Locale.ROOT, "%.1f", seconds);
  }

  private long completed() {
    return outcomes.values().stream().filter("COMPLETED"::equals).count();
  }

  private void awaitLoad() {
    Awaitility.await("enough under way")
        .atMost(Duration.ofSeconds(120))
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions()
        .until(() -> open().size() >= LEAST_IN_FLIGHT && oracles.held().size() >= LEAST_HELD);
  }

  /** All parts serve, no attempt of that moment is still open, and new work comes through. */
  private void awaitRecovery(Set<Oracles.Held> held) throws Exception {
    String probe = load.probe();
    Awaitility.await("recovery")
        .atMost(Duration.ofSeconds(150))
        .pollInterval(Duration.ofMillis(200))
        .ignoreExceptions()
        .until(
            () ->
                system.isReady()
                    && oracles.held().stream().noneMatch(held::contains)
                    && oracles.locksWithoutAttempt() == 0
                    && "COMPLETED".equals(oracles.statuses(List.of(probe)).get(probe)));
  }

  private void drain() {
    Awaitility.await("every accepted workflow ends")
        .atMost(DRAIN)
        .pollInterval(Duration.ofMillis(500))
        .ignoreExceptions()
        .until(() -> open().isEmpty());
  }

  /** Enough workflows, and enough of them with steps in progress. */
  private boolean isMoreWanted(int unanswered) {
    try {
      int open = open().size() + unanswered;
      return open < IN_FLIGHT || (open < mostInFlight && oracles.held().size() < ENOUGH_HELD);
    } catch (SQLException e) {
      return false;
    }
  }

  private Set<String> open() throws SQLException {
    Collection<String> unchecked = new HashSet<>(load.accepted());
    unchecked.removeAll(checked);
    Map<String, String> statuses = oracles.statuses(unchecked);
    Set<String> open = new HashSet<>(unchecked);
    open.removeIf(id -> ENDED.contains(statuses.getOrDefault(id, "")));
    return open;
  }

  /** What is left after a full collection, by service. */
  private Map<String, Long> liveHeap() throws Exception {
    Map<String, Long> heap = new TreeMap<>();
    for (String service : SERVICES) {
      heap.put(service, histogramTotal(injector.pid(service)));
    }
    return heap;
  }

  private static long histogramTotal(long pid) throws Exception {
    Process jcmd =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(pid),
                "GC.class_histogram")
            .start();
    Callable<Long> total =
        () -> {
          long bytes = 0;
          try (BufferedReader lines =
              new BufferedReader(new InputStreamReader(jcmd.getInputStream()))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
              if (line.startsWith("Total")) {
                bytes = Long.parseLong(line.trim().split("\\s+")[2]);
              }
            }
          }
          return bytes;
        };
    long bytes = total.call();
    jcmd.waitFor();
    return bytes;
  }
}
