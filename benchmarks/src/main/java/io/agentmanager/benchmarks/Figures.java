package io.agentmanager.benchmarks;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/** What was measured so far: figures in the order of their coming, and series to be plotted. */
final class Figures {
  private final List<Figure> all = new ArrayList<>();
  private final Map<String, double[]> series = new LinkedHashMap<>();
  private final Map<String, String> failures = new LinkedHashMap<>();

  /**
   * One figure.
   *
   * @param scenario where it was measured
   * @param name what it says
   * @param unit {@code ms}, {@code s}, {@code /s}, {@code MB}, or empty for a ratio or a count
   * @param goal what it should be at least or at most; null when there is no goal
   */
  record Figure(String scenario, String name, double value, String unit, @Nullable Goal goal) {
    /** The name in JSON, with the unit of a time: {@code p50_ms}. */
    String key() {
      String plain =
          name.toLowerCase(Locale.ROOT)
              .replaceAll("(?<=[0-9]),(?=[0-9])", "")
              .replaceAll("[^a-z0-9]+", "_");
      return unit.equals("ms") || unit.equals("s") ? plain + "_" + unit : plain;
    }

    boolean isMissed() {
      return goal != null && (goal.atLeast() ? value < goal.value() : value > goal.value());
    }
  }

  /** A bound that a figure should keep. */
  record Goal(boolean atLeast, double value) {
    static Goal atLeast(double value) {
      return new Goal(true, value);
    }

    static Goal atMost(double value) {
      return new Goal(false, value);
    }
  }

  void add(String scenario, String name, double value, String unit) {
    all.add(new Figure(scenario, name, value, unit, null));
  }

  void add(String scenario, String name, double value, String unit, Goal goal) {
    all.add(new Figure(scenario, name, value, unit, goal));
  }

  /** The median and the tail of times in nanoseconds, as milliseconds, with their goals. */
  void addTimes(String scenario, Histogram nanos, double p50, double p99) {
    add(scenario, "p50", millis(nanos, 50), "ms", Goal.atMost(p50));
    add(scenario, "p90", millis(nanos, 90), "ms");
    add(scenario, "p99", millis(nanos, 99), "ms", Goal.atMost(p99));
    add(scenario, "longest", nanos.getMaxValue() / 1e6, "ms");
    add(scenario, "measured", nanos.getTotalCount(), "");
    double[] curve = new double[100];
    for (int i = 0; i < curve.length; i++) {
      curve[i] = millis(nanos, i + 1);
    }
    series.put(scenario + ": ms by percentile", curve);
  }

  /** The middle one of some values, the higher of two. */
  static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }

  void plot(String title, double[] values) {
    series.put(title, values);
  }

  /** A scenario ended without its figures. */
  void fail(String scenario, String why) {
    failures.put(scenario, why);
  }

  Optional<Double> find(String scenario, String name) {
    return all.stream()
        .filter(f -> f.scenario().equals(scenario) && f.name().equals(name))
        .map(Figure::value)
        .findFirst();
  }

  List<Figure> all() {
    return List.copyOf(all);
  }

  Map<String, double[]> series() {
    return series;
  }

  /** Why scenarios ended without their figures. */
  Map<String, String> failures() {
    return failures;
  }

  private static double millis(Histogram nanos, double percentile) {
    return nanos.getValueAtPercentile(percentile) / 1e6;
  }
}
