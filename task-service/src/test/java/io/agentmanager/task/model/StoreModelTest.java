package io.agentmanager.task.model;

import static org.quicktheories.QuickTheory.qt;
import static org.quicktheories.generators.SourceDSL.integers;
import static org.quicktheories.generators.SourceDSL.lists;

import io.agentmanager.task.RunningService;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.quicktheories.core.Gen;

/**
 * The task-service with a real database against the reference, with random plans and random
 * commands. The clock brings nothing by itself here: leases and pauses outlast the test.
 */
class StoreModelTest {
  private static final Gen<Integer> NUMBERS = integers().between(0, 1 << 16);
  private static final AtomicInteger NAMES = new AtomicInteger();
  private static RunningService service;

  @BeforeAll
  static void start() {
    service =
        RunningService.start(
            1,
            "agentmanager.leases.heartbeat-interval=PT1H",
            "agentmanager.leases.unlisted-grace=PT1H",
            "agentmanager.recovery.period=PT1H");
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void anySequenceOfCommandsGoesAsTheReferenceSays() {
    compare(40);
  }

  @Test
  @Tag("fuzz")
  void veryManySequencesGoAsTheReferenceSays() {
    compare(3_000);
  }

  private static void compare(int sequences) {
    qt().withExamples(sequences)
        .withShrinkCycles(300)
        .forAll(
            lists().of(NUMBERS).ofSizeBetween(1, 6),
            integers().between(0, 11),
            lists().of(NUMBERS).ofSizeBetween(0, 50))
        .checkAssert(
            (plan, flags, commands) -> {
              Shape shape = Shape.of(plan, flags);
              String name = "m" + NAMES.incrementAndGet();
              Play.compare(shape, new StoreSubject(shape, service, name), commands);
            });
  }
}
