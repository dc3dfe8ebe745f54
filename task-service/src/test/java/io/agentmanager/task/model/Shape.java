package io.agentmanager.task.model;

import java.util.ArrayList;
import java.util.List;

/**
 * A small plan: a step depends on some of those before it.
 *
 * @param edges for each step a bit for every earlier one that it depends on
 */
record Shape(List<Integer> edges, boolean audited, boolean goesOnAfterFailure, int maxAttempts) {
  /** Reads one out of numbers; smaller numbers make simpler plans. */
  static Shape of(List<Integer> numbers, int flags) {
    List<Integer> edges = new ArrayList<>();
    for (int i = 0; i < numbers.size(); i++) {
      edges.add(numbers.get(i) & ((1 << i) - 1));
    }
    return new Shape(edges, (flags & 1) != 0, (flags & 2) != 0, 1 + (flags >> 2) % 3);
  }

  int size() {
    return edges.size();
  }

  String name(int id) {
    return "s" + id;
  }

  List<Integer> dependencies(int id) {
    List<Integer> found = new ArrayList<>();
    for (int i = 0; i < id; i++) {
      if ((edges.get(id) >> i & 1) != 0) {
        found.add(i);
      }
    }
    return found;
  }
}
