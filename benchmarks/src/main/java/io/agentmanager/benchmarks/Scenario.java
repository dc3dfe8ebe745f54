package io.agentmanager.benchmarks;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** What can be measured, by the name that the command line takes. */
enum Scenario {
  /** Steps a second while workflows 1 → 8 → 1 are submitted as fast as they are taken. */
  BURST(new Burst()),
  /** How long one workflow 1 → 8 → 1 takes when nothing else runs. */
  LONE(new Lone()),
  /** From a step's end to its dependent in the hands of a worker that waits. */
  HOP(new Hop()),
  /** Whether width costs, and whether it keeps others waiting. */
  FAN_OUT(new FanOut()),
  /** Whether a claim takes longer when very many steps are ready. */
  BACKLOG(new Backlog()),
  /** Whether anything grows under a steady load. */
  STEADY(new Steady()),
  /** Whether many who wait cost those who work. */
  STREAMS(new Streams()),
  /** Whether a tenant that hammers slows the claims of another. */
  NOISY(new Noisy());

  private final Measurement measurement;

  Scenario(Measurement measurement) {
    this.measurement = measurement;
  }

  /** Something that is measured on a system of its own: it looks into processes and tables. */
  @FunctionalInterface
  interface Measurement {
    /** Measures, and notes the figures down. Blocks. */
    void run(Bench bench, Figures figures) throws Exception;
  }

  /** Something that can be measured wherever there is a URL and a token. */
  interface Anywhere extends Measurement {
    /** Measures, and notes the figures down. Blocks. */
    void runOn(Target target, Figures figures) throws Exception;

    @Override
    default void run(Bench bench, Figures figures) throws Exception {
      runOn(bench, figures);
    }
  }

  Measurement measurement() {
    return measurement;
  }

  String title() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  static Scenario of(String title) {
    return Arrays.stream(values())
        .filter(s -> s.title().equals(title))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "There is no scenario " + title + "; there are " + titles() + "."));
  }

  static String titles() {
    return Arrays.stream(values()).map(Scenario::title).collect(Collectors.joining(", "));
  }
}
