package io.agentmanager.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What Linux says of processes; 0 where /proc is missing. */
final class Proc {
  private static final long KIB = 1024;

  private Proc() {}

  /** Proportional set size of a process and all below it, in bytes. */
  static long proportional(ProcessHandle process) {
    return Stream.concat(Stream.of(process), process.descendants())
        .mapToLong(p -> number(p.pid(), "smaps_rollup", "Pss:") * KIB)
        .sum();
  }

  /** What a process holds in memory, shared or not, in bytes. */
  static long resident(long pid) {
    return number(pid, "status", "VmRSS:") * KIB;
  }

  /** The command that a process runs, with its arguments. */
  static List<String> command(long pid) throws IOException {
    String line = Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
    return List.of(line.split("\0"));
  }

  /** Threads of the operating system. */
  static long threads(long pid) {
    return number(pid, "status", "Threads:");
  }

  private static long number(long pid, String file, String name) {
    try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .mapToLong(line -> Long.parseLong(line.strip().split("\\s+")[1]))
          .findFirst()
          .orElse(0);
    } catch (IOException | UncheckedIOException e) {
      return 0;
    }
  }
}
