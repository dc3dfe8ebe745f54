package io.agentmanager.task.write;

import io.agentmanager.contracts.api.Iteration;
import io.agentmanager.task.write.ResultStore.AttemptKey;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** The iterations of the attempts that one batch touches: those posted before, and what it adds. */
final class AttemptIterations {
  /** So many that no loop needs them, and so few that they fit into memory. */
  static final int MOST = 1_000;

  private final Map<AttemptKey, List<Iteration>> posted = new HashMap<>();
  private final List<ResultStore.Kept> kept = new ArrayList<>();

  void know(Map<AttemptKey, List<Iteration>> earlier) {
    posted.putAll(earlier);
  }

  /** What the attempt has posted so far, this batch included. */
  List<Iteration> posted(AttemptKey key) {
    return posted.getOrDefault(key, List.of());
  }

  /** Whether the attempt stays within its bound with these; the same index counts once. */
  boolean fit(AttemptKey key, List<Iteration> more) {
    return Stream.concat(posted(key).stream(), more.stream())
            .map(Iteration::index)
            .distinct()
            .count()
        <= MOST;
  }

  /** Adds them to the attempt and returns those that it had not posted word for word before. */
  List<Iteration> post(AttemptKey key, List<Iteration> more) {
    List<Iteration> known = posted.computeIfAbsent(key, k -> new ArrayList<>());
    List<Iteration> added = new ArrayList<>();
    for (Iteration iteration : more) {
      if (!known.contains(iteration)) {
        known.add(iteration);
        added.add(iteration);
        kept.add(new ResultStore.Kept(key, iteration));
      }
    }
    return added;
  }

  /** Keeps what a result brought with it; a result's history is cut at the bound, not refused. */
  void bring(AttemptKey key, List<Iteration> brought) {
    brought.stream().limit(MOST).forEach(i -> kept.add(new ResultStore.Kept(key, i)));
  }

  /** What the batch is to write. */
  List<ResultStore.Kept> kept() {
    return kept;
  }
}
