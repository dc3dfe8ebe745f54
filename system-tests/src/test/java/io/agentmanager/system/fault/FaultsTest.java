package io.agentmanager.system.fault;

import io.agentmanager.system.RunningSystem;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Nothing lost, nothing done twice, nothing stuck, whatever breaks. */
class FaultsTest {
  private static final int TOGETHER = 4;
  private static final int TIMES = Integer.getInteger("faults.times", 10);
  private final long seed = Long.getLong("faults.seed", System.nanoTime());

  /** The short form: every fault once, one upon the other, before any of them is over. */
  @Test
  void everyFaultAtOnceLosesDoublesAndBlocksNothing() throws Exception {
    try (FaultRun run =
        new FaultRun(
            RunningSystem.split(), RunningSystem.LEASE, Duration.ofSeconds(1), 260, seed)) {
      run.startLoad();
      List<Fault> faults = inRandomOrder();
      faults.sort(Comparator.comparing(Fault::isMomentary));
      run.injectTogether(faults);
      run.drainAndCheck();
      run.report(Path.of("target/faults-short.txt"));
    }
  }

  /** The long form: every fault many times, four side by side, until the system has recovered. */
  @Test
  @Tag("faults")
  void everyFaultTenTimesLosesDoublesAndBlocksNothing() throws Exception {
    Map<String, String> shortLeases = Map.of("AGENTMANAGER_LEASES_HEARTBEAT_INTERVAL", "PT2S");
    try (RunningSystem system =
            RunningSystem.start(List.of("--split", "--no-worker"), shortLeases);
        FaultRun run =
            new FaultRun(system, Duration.ofSeconds(6), Duration.ofSeconds(2), 700, seed)) {
      run.warmUp();
      for (int i = 0; i < TIMES; i++) {
        if (i % 2 == 0) {
          run.startLoad();
        }
        List<Fault> faults = inRandomOrder();
        for (int first = 0; first < faults.size(); first += TOGETHER) {
          run.injectAndRecover(faults.subList(first, first + TOGETHER));
        }
        if (i % 2 == 1 || i == TIMES - 1) {
          run.drainAndCheck();
          run.write(Path.of("target/faults.txt"));
        }
      }
      run.report(Path.of("target/faults.txt"));
    }
  }

  private final Random order = new Random(seed);

  private static int group(List<Fault> faults, Fault fault) {
    return faults.indexOf(fault) / TOGETHER;
  }

  /** Any order in which the task-service is not killed while it is paused. */
  private List<Fault> inRandomOrder() {
    List<Fault> faults = new ArrayList<>(List.of(Fault.values()));
    do {
      Collections.shuffle(faults, order);
    } while (group(faults, Fault.TASK_SERVICE_KILLED) == group(faults, Fault.TASK_SERVICE_PAUSED));
    return faults;
  }
}
