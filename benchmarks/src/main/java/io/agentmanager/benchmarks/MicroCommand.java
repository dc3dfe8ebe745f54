package io.agentmanager.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.openjdk.jmh.results.format.ResultFormatType;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Runs the JMH benchmarks, each in a JVM of its own. */
@Command(
    name = "micro",
    mixinStandardHelpOptions = true,
    description = "Measures pure parts by themselves, with JMH: lifecycle, admission, events.")
final class MicroCommand implements Callable<Integer> {
  private static final String ALL = MicroCommand.class.getPackageName() + ".micro";

  @Option(names = "--rounds", defaultValue = "5", description = "rounds of a second each (5)")
  private int rounds;

  @Option(names = "--out", defaultValue = "bench", description = "folder for micro.json (bench)")
  private Path out = Path.of("bench");

  @Override
  public Integer call() throws Exception {
    Files.createDirectories(out);
    Path file = out.resolve("micro.json");
    new Runner(
            new OptionsBuilder()
                .include(ALL)
                .forks(1)
                .jvmArgs("-Xmx1g", "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders")
                .warmupIterations(rounds)
                .warmupTime(TimeValue.seconds(1))
                .measurementIterations(rounds)
                .measurementTime(TimeValue.seconds(1))
                .resultFormat(ResultFormatType.JSON)
                .result(file.toString())
                .build())
        .run();
    System.out.println("Wrote " + file);
    return 0;
  }
}
