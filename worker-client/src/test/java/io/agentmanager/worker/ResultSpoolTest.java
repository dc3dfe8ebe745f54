package io.agentmanager.worker;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.RaHistory;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultSpoolTest {
  private static final URI SERVER = URI.create("http://localhost:1");
  @TempDir private Path root;

  @Test
  void whatWasNotAnsweredIsLeftToTheNextProcess() throws IOException {
    try (ResultSpool first = spool()) {
      keep(first, "a", "b", "c");
      first.forget(ResultSpool.ref(result("b")));
      assertThat(first.left()).as("its own").isEmpty();
      assertThat(first.waiting()).hasSize(2);
    }
    try (ResultSpool second = spool()) {
      assertThat(second.left()).containsExactly(result("a"), result("c"));
      second.forget(ResultSpool.ref(result("a")));
    }
    try (ResultSpool third = spool()) {
      assertThat(third.left()).containsExactly(result("c"));
      third.forget(ResultSpool.ref(result("c")));
      assertThat(third.waiting()).isEmpty();
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void aProcessThatWritesStillKeepsItsOwn() throws IOException {
    try (ResultSpool first = spool();
        ResultSpool second = spool()) {
      keep(first, "a");
      keep(second, "b");
      try (ResultSpool third = spool()) {
        assertThat(third.left()).isEmpty();
      }
      assertThat(files()).hasSize(2);
    }
  }

  @Test
  void whatThisReleaseCannotReadIsKeptForOneThatCan() throws IOException {
    try (ResultSpool first = spool()) {
      keep(first, "a");
    }
    Path left = files().getFirst();
    Files.write(left, "+{\"status\": \"thought_through\"}\n".getBytes(UTF_8), APPEND);
    try (ResultSpool second = spool()) {
      assertThat(second.left()).containsExactly(result("a"));
      second.forget(ResultSpool.ref(result("a")));
    }
    assertThat(files())
        .singleElement()
        .extracting(file -> file.getFileName().toString())
        .isEqualTo(left.getFileName() + ".unreadable");
    assertThat(Files.readString(files().getFirst())).contains("thought_through");
    try (ResultSpool third = spool()) {
      assertThat(third.left()).isEmpty();
    }
    assertThat(files()).hasSize(1);
  }

  @Test
  void aLogThatIsRemovedUnderItsWriterIsFollowedByAnother() throws IOException {
    try (ResultSpool first = spool()) {
      keep(first, "a");
      Files.delete(files().getFirst());
      Files.delete(folder());
      keep(first, "b");
    }
    try (ResultSpool second = spool()) {
      assertThat(second.left()).containsExactly(result("b"));
    }
  }

  @Test
  void whatComesAfterTheEndIsNotKeptAndNoFolderStaysEmpty() throws IOException {
    ResultSpool first = spool();
    Path begun = Files.createFile(folder().resolve("begun.new"));
    first.close();
    keep(first, "late");
    try (ResultSpool second = spool()) {
      assertThat(second.left()).isEmpty();
      assertThat(begun).doesNotExist();
    }
    assertThat(root).isEmptyDirectory();
  }

  @Test
  void manyThreadsKeepAndForgetSideBySide() throws Exception {
    try (ResultSpool spool = spool();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> all =
          IntStream.range(0, 8)
              .<Future<?>>mapToObj(thread -> threads.submit(() -> keepAndForget(spool, thread)))
              .toList();
      for (Future<?> one : all) {
        one.get();
      }
      assertThat(spool.waiting()).hasSize(8);
    }
    try (ResultSpool next = spool()) {
      assertThat(next.left()).hasSize(8);
    }
  }

  /** Enough for the log to be followed by others; the first of each thread stays. */
  private static void keepAndForget(ResultSpool spool, int thread) {
    for (int i = 0; i < 3_000; i++) {
      keep(spool, thread + "-" + i);
      if (i > 0) {
        spool.forget(ResultSpool.ref(result(thread + "-" + i)));
      }
    }
  }

  @Test
  void whoeverIsKilledInTheMiddleOfALineLosesNoOther() throws IOException {
    try (ResultSpool first = spool()) {
      keep(first, "a");
    }
    byte[] half = Arrays.copyOf("+{\"workflow_id\": \"\u00FC".getBytes(UTF_8), 19);
    Files.write(files().getFirst(), half, APPEND);
    try (ResultSpool second = spool()) {
      assertThat(second.left()).containsExactly(result("a"));
      // The tail is gone, so that what follows is a line of its own.
      keep(second, "b");
    }
    Files.write(files().getFirst(), half, APPEND);
    try (ResultSpool third = spool()) {
      assertThat(third.left()).containsExactlyInAnyOrder(result("a"), result("b"));
      third.forget(ResultSpool.ref(result("a")));
    }
    try (ResultSpool fourth = spool()) {
      assertThat(fourth.left()).containsExactly(result("b"));
    }
  }

  @Test
  void aLogThatCannotBeReadHoldsUpNoOther() throws IOException {
    try (ResultSpool first = spool()) {
      keep(first, "a");
    }
    Files.createDirectory(files().getFirst().resolveSibling("0.log"));
    try (ResultSpool second = spool()) {
      assertThat(second.left()).containsExactly(result("a"));
    }
  }

  @Test
  void anotherProcessCannotTakeALogThatIsWritten() throws Exception {
    try (ResultSpool first = spool()) {
      keep(first, "a");
      // Another worker of this process looks at it, which must not cost the system's lock.
      try (ResultSpool second = spool()) {
        assertThat(second.left()).isEmpty();
      }
      assertThat(saidElsewhere()).isEqualTo("0 left");
    }
    assertThat(saidElsewhere()).as("once its writer has gone").isEqualTo("1 left");
  }

  private String saidElsewhere() throws IOException {
    Process other =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                OtherProcess.class.getName(),
                root.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(other.getInputStream().readAllBytes(), UTF_8);
    return said.lines().toList().getLast();
  }

  /** Says how many results it finds. */
  static final class OtherProcess {
    private OtherProcess() {}

    public static void main(String[] args) throws IOException {
      try (ResultSpool spool = ResultSpool.in(Path.of(args[0]), "w", SERVER)) {
        System.out.println(spool.left().size() + " left");
      }
    }
  }

  @Test
  void whatTheServerWillNotHaveIsPutAside() throws IOException {
    try (ResultSpool first = spool()) {
      keep(first, "a");
    }
    try (ResultSpool second = spool()) {
      second.setAside(result("a"));
      assertThat(second.left()).isEmpty();
    }
    assertThat(files()).singleElement().asString().endsWith(".refused.json");
    try (ResultSpool third = spool()) {
      assertThat(third.left()).isEmpty();
    }
  }

  @Test
  void answeredResultsTakeNoPlaceForLong() throws IOException {
    try (ResultSpool spool = spool()) {
      String waits = "waits";
      keep(spool, waits);
      IntStream.range(0, 20_000)
          .forEach(
              i -> {
                keep(spool, "s" + i);
                spool.forget(ResultSpool.ref(result("s" + i)));
              });
      assertThat(size()).as("the log in which one waits, and the next").isLessThan(9_000_000);
      spool.forget(ResultSpool.ref(result(waits)));
      keep(spool, "last");
      spool.forget(ResultSpool.ref(result("last")));
      assertThat(size()).isLessThan(5_000_000);
    }
    assertThat(files()).isEmpty();
  }

  @Test
  void anotherServersWorkerOfTheSameNameSeesNothingAndOthersMayNotEnter() throws IOException {
    try (ResultSpool first = spool()) {
      keep(first, "a");
    }
    try (ResultSpool other = ResultSpool.in(root, "w", URI.create("http://elsewhere:1"))) {
      assertThat(other.left()).isEmpty();
    }
    Path folder = files().getFirst().getParent();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
        .isEqualTo("rwx------");
  }

  /** The worker's, of the only server. */
  private Path folder() throws IOException {
    try (Stream<Path> folders = Files.list(root)) {
      return folders.toList().getFirst();
    }
  }

  private ResultSpool spool() throws IOException {
    return ResultSpool.in(root, "w", SERVER);
  }

  private static void keep(ResultSpool spool, String... steps) {
    for (String step : steps) {
      StepResult result = result(step);
      spool.keep(ResultSpool.ref(result), WireJson.mapper().writeValueAsBytes(result));
    }
  }

  private static StepResult result(String step) {
    return new StepResult(
        "w",
        step,
        "worker",
        1,
        ResultStatus.COMPLETED,
        new RaHistory(null, "line 1\nline 2 " + "x".repeat(300), null),
        0.5,
        null);
  }

  private List<Path> files() throws IOException {
    try (Stream<Path> files = Files.walk(root)) {
      return files.filter(Files::isRegularFile).toList();
    }
  }

  private long size() throws IOException {
    long size = 0;
    for (Path file : files()) {
      size += Files.size(file);
    }
    return size;
  }
}
