package io.agentmanager.task.model;

import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.lists;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quicktheories.core.Gen;

/** The lifecycle against the reference, with random plans and random commands. */
class LifecycleModelTest {
  private static final Gen<Integer> NUMBERS = integers().between(0, 1 << 16);

  @Test
  void anySequenceOfCommandsGoesAsTheReferenceSays() {
    compare(5_000);
  }

  @Test
  @Tag("fuzz")
  void veryManySequencesGoAsTheReferenceSays() {
    compare(400_000);
  }

  private static void compare(int sequences) {
    qt().withExamples(sequences)
        .forAll(
            lists().of(NUMBERS).ofSizeBetween(1, 6),
            integers().between(0, 11),
            lists().of(NUMBERS).ofSizeBetween(0, 60))
        .checkAssert(
            (plan, flags, commands) -> {
              Shape shape = Shape.of(plan, flags);
              Play.compare(shape, new LifecycleSubject(shape), commands);
            });
  }
}
