package io.agentmanager.benchmarks;

import io.agentmanager.contracts.json.WireJson;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The figures for a terminal, for a program, and for a browser: ratios first, then the rest. */
final class Report {
  private static final int WIDTH = 640;
  private static final int HEIGHT = 200;
  private final List<Figures.Figure> ordered;
  private final Figures figures;
  private final Map<String, String> settings;

  Report(Figures figures, Map<String, String> settings) {
    this.figures = figures;
    this.settings = settings;
    this.ordered =
        figures.all().stream()
            .sorted(java.util.Comparator.comparing((Figures.Figure f) -> !isRatio(f)))
            .toList();
  }

  String table() {
    String rows =
        ordered.stream()
            .map(
                f ->
                    String.format(
                        Locale.ROOT,
                        "%-15s %-46s %12s %-3s %s%n",
                        f.scenario(),
                        f.name(),
                        number(f.value()),
                        f.unit(),
                        goal(f)))
            .collect(Collectors.joining());
    String failed =
        figures.failures().entrySet().stream()
            .map(e -> String.format("%-15s FAILED: %s%n", e.getKey(), e.getValue()))
            .collect(Collectors.joining());
    return "\n" + machine() + "\n" + settings + "\n\n" + rows + failed;
  }

  /**
   * A document of three objects: the machine, the durability within the engine's own transactions,
   * and the figures of each scenario by name; then the goals, the scenarios that failed, and the
   * series of the plots.
   */
  String json() {
    Map<String, Object> durability = new LinkedHashMap<>(settings);
    Map<String, Map<String, Object>> scenarios = new LinkedHashMap<>();
    for (Figures.Figure figure : figures.all()) {
      if (figure.scenario().equals(Durability.NAME)) {
        durability.put(figure.key(), figure.value());
      } else {
        scenarios
            .computeIfAbsent(figure.scenario(), scenario -> new LinkedHashMap<>())
            .put(figure.key(), figure.value());
      }
    }
    Map<String, Object> document = new LinkedHashMap<>();
    document.put(
        "machine",
        Map.of(
            "processors", Runtime.getRuntime().availableProcessors(),
            "os", System.getProperty("os.name"),
            "arch", System.getProperty("os.arch"),
            "java", Runtime.version().toString()));
    document.put("durability", durability);
    document.put("scenarios", scenarios);
    document.put("goals", ordered.stream().filter(f -> f.goal() != null).toList());
    document.put("failures", figures.failures());
    document.put("series", figures.series());
    return WireJson.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(document);
  }

  String html() {
    String rows =
        ordered.stream()
            .map(
                f ->
                    "<tr><td>%s<td>%s<td class=n>%s %s<td%s>%s"
                        .formatted(
                            f.scenario(),
                            f.name(),
                            number(f.value()),
                            f.unit(),
                            f.isMissed() ? " class=missed" : "",
                            goal(f)))
            .collect(Collectors.joining("\n"));
    String failed =
        figures.failures().keySet().stream()
            .map(name -> "<p class=missed>" + name + " failed</p>")
            .collect(Collectors.joining("\n"));
    String plots =
        figures.series().entrySet().stream()
            .map(e -> plot(e.getKey(), e.getValue()))
            .collect(Collectors.joining("\n"));
    return """
    <!doctype html>
    <html lang=en><meta charset=utf-8><title>AgentManager, measured</title>
    <style>
    body{font:15px system-ui,sans-serif;max-width:50rem;margin:2rem auto;color:#222}
    table{border-collapse:collapse}td{padding:.15rem .8rem .15rem 0}.n{text-align:right}
    .missed{color:#b00020}svg{background:#f6f6f4;overflow:visible}text{font-size:11px;fill:#555}
    </style>
    <h1>AgentManager, measured</h1><p>%s</p><p>%s</p><table>
    %s
    </table>
    %s
    %s
    </html>
    """
        .formatted(machine(), settings, rows, failed, plots);
  }

  private static String plot(String title, double[] values) {
    double most = Math.max(1e-9, java.util.Arrays.stream(values).max().orElse(1));
    String points =
        IntStream.range(0, values.length)
            .mapToObj(
                i ->
                    String.format(
                        Locale.ROOT,
                        "%.1f,%.1f",
                        (double) WIDTH * i / Math.max(1, values.length - 1),
                        HEIGHT - HEIGHT * values[i] / most))
            .collect(Collectors.joining(" "));
    return """
    <h2>%s</h2><svg width=%d height=%d viewBox="0 0 %d %d">
    <polyline fill=none stroke="#2a6f97" stroke-width=2 points="%s"/>
    <text x=4 y=12>%s</text><text x=4 y=%d>0</text></svg>
    """
        .formatted(title, WIDTH, HEIGHT, WIDTH, HEIGHT, points, number(most), HEIGHT - 4);
  }

  private static boolean isRatio(Figures.Figure figure) {
    return figure.unit().isEmpty() && figure.goal() != null;
  }

  private static String goal(Figures.Figure figure) {
    Figures.Goal goal = figure.goal();
    if (goal == null) {
      return "";
    }
    String wanted = (goal.atLeast() ? "at least " : "at most ") + number(goal.value());
    return wanted + (figure.isMissed() ? "  MISSED" : "");
  }

  private static String number(double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1e15;
    if (whole) {
      return Long.toString((long) value);
    }
    return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%.2f" : "%.0f", value);
  }

  private static String machine() {
    return "%d processors, %s %s, Java %s"
        .formatted(
            Runtime.getRuntime().availableProcessors(),
            System.getProperty("os.name"),
            System.getProperty("os.arch"),
            Runtime.version().feature());
  }
}
