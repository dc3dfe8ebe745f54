package io.agentmanager.benchmarks;

import io.agentmanager.local.Folders;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Measures a system of its own on this machine. */
@Command(
    name = "bench",
    mixinStandardHelpOptions = true,
    subcommands = {StartCommand.class, MicroCommand.class},
    description = {
      "Starts a system of its own, one process for each part, and measures it.",
      "Scenarios: burst, lone, hop, fan-out, backlog, steady, streams, noisy. Without any: all of"
          + " them."
    })
final class BenchCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SCENARIO", description = "what to measure")
  private List<String> names = new ArrayList<>();

  @Option(names = "--scenario", paramLabel = "SCENARIO", description = "the same; may be repeated")
  private List<String> more = new ArrayList<>();

  @Option(
      names = "--url",
      description = "measure the system there instead: burst, lone and hop, without the floor")
  private @Nullable URI url;

  @Option(names = "--token", description = "the token for that system (AM_TOKEN)")
  private @Nullable String token = System.getenv("AM_TOKEN");

  @Option(names = "--json", paramLabel = "FILE", description = "where to write the figures as JSON")
  private @Nullable Path json;

  @Option(names = "--warm-up", defaultValue = "120", description = "seconds of load before (120)")
  private int warmUp;

  @Option(names = "--seconds", defaultValue = "30", description = "length of a repeat (30)")
  private int seconds;

  @Option(names = "--repeats", defaultValue = "5", description = "repeats (5)")
  private int repeats;

  @Option(names = "--times", defaultValue = "200", description = "single things timed (200)")
  private int times;

  @Option(
      names = "--steady-seconds",
      defaultValue = "600",
      description = "length of the steady load (600)")
  private int steady;

  @Option(
      names = "--backlog",
      defaultValue = "1000000",
      description = "steps that are ready at once (1000000)")
  private int backlog;

  @Option(names = "--no-floor", description = "leave out what PostgreSQL alone can do")
  private boolean noFloor;

  @Option(
      names = "--out",
      defaultValue = "bench",
      description = "folder for bench.json and bench.html (bench)")
  private Path out = Path.of("bench");

  @Override
  public Integer call() throws Exception {
    Figures figures = new Figures();
    Target.Settings wanted = new Target.Settings(warmUp, seconds, repeats, times, steady, backlog);
    Map<String, String> settings = url == null ? own(wanted, figures) : there(wanted, figures);
    Report report = new Report(figures, settings);
    System.out.println(report.table());
    Path document = json == null ? out.resolve("bench.json") : json;
    Path page = out.resolve("bench.html");
    Files.createDirectories(out);
    Files.createDirectories(document.toAbsolutePath().resolveSibling(""));
    Files.writeString(document, report.json());
    Files.writeString(page, report.html());
    System.out.println("Wrote " + document + " and " + page);
    return figures.failures().isEmpty() ? 0 : 1;
  }

  /** What runs a scenario. */
  private interface Run {
    void run() throws Exception;
  }

  /** One that fails takes the figures of the others with it no more. */
  private static void measure(Scenario scenario, Figures figures, Run run)
      throws InterruptedException {
    System.out.println("Measuring " + scenario.title() + " ...");
    try {
      run.run();
    } catch (InterruptedException e) {
      throw e;
    } catch (Exception e) {
      System.err.println(scenario.title() + " failed: " + e);
      figures.fail(scenario.title(), e.toString());
    }
  }

  private Map<String, String> own(Target.Settings wanted, Figures figures) throws Exception {
    List<Scenario> scenarios = scenarios(List.of(Scenario.values()));
    Path data = Files.createTempDirectory("agentmanager-bench");
    Map<String, String> settings;
    System.out.println("Starting a system of its own in " + data);
    try (Bench bench = Bench.start(data, wanted)) {
      Durability durability = new Durability(bench);
      settings = durability.settingsDuring(new WarmUp());
      durability.count();
      for (Scenario scenario : scenarios) {
        measure(scenario, figures, () -> scenario.measurement().run(bench, figures));
      }
      durability.report(figures);
      if (!noFloor) {
        System.out.println("Measuring what PostgreSQL alone can do ...");
        Floor.measure(bench, figures);
      }
    }
    if (figures.failures().isEmpty()) {
      Folders.delete(data);
    } else {
      System.err.println("Logs and data are left in " + data);
    }
    return settings;
  }

  private Map<String, String> there(Target.Settings wanted, Figures figures) throws Exception {
    if (url == null || token == null) {
      throw new IllegalArgumentException("--url needs a --token, or AM_TOKEN");
    }
    Elsewhere target = new Elsewhere(url, token, wanted);
    for (Scenario scenario : scenarios(List.of(Scenario.BURST, Scenario.LONE, Scenario.HOP))) {
      if (!(scenario.measurement() instanceof Scenario.Anywhere anywhere)) {
        throw new IllegalArgumentException(
            scenario.title() + " looks into processes and tables: leave out --url");
      }
      measure(scenario, figures, () -> anywhere.runOn(target, figures));
    }
    return Map.of();
  }

  /** Those that were asked for, else these. */
  private List<Scenario> scenarios(List<Scenario> otherwise) {
    List<Scenario> asked = Stream.concat(names.stream(), more.stream()).map(Scenario::of).toList();
    return asked.isEmpty() ? otherwise : asked;
  }
}
