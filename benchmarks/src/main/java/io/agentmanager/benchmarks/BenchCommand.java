package io.agentmanager.benchmarks;

import io.agentmanager.local.Folders;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
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
      "Scenarios: burst, lone, hop, fan-out, backlog, steady, streams. Without any: all of them."
    })
final class BenchCommand implements Callable<Integer> {
  @Parameters(paramLabel = "SCENARIO", description = "what to measure")
  private List<String> names = new ArrayList<>();

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
    List<Scenario> scenarios =
        names.isEmpty() ? List.of(Scenario.values()) : names.stream().map(Scenario::of).toList();
    Path data = Files.createTempDirectory("agentmanager-bench");
    Figures figures = new Figures();
    Map<String, String> settings;
    System.out.println("Starting a system of its own in " + data);
    try (Bench bench =
        Bench.start(data, new Bench.Settings(warmUp, seconds, repeats, times, steady, backlog))) {
      Durability durability = new Durability(bench);
      settings = durability.settingsDuring(new WarmUp());
      durability.count();
      for (Scenario scenario : scenarios) {
        System.out.println("Measuring " + scenario.title() + " ...");
        scenario.measurement().run(bench, figures);
      }
      durability.report(figures);
      if (!noFloor) {
        System.out.println("Measuring what PostgreSQL alone can do ...");
        Floor.measure(bench, figures);
      }
    }
    Folders.delete(data);
    Report report = new Report(figures, settings);
    System.out.println(report.table());
    Files.createDirectories(out);
    Files.writeString(out.resolve("bench.json"), report.json());
    Files.writeString(out.resolve("bench.html"), report.html());
    System.out.println("Wrote " + out.resolve("bench.json") + " and " + out.resolve("bench.html"));
    return 0;
  }
}
