package io.agentmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.RaHistory;
import io.agentmanager.contracts.api.ResultStatus;
import io.agentmanager.contracts.api.StepResult;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
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
      assertThat(first.isEmpty()).isFalse();
    }
    try (ResultSpool second = spool()) {
      assertThat(second.left()).containsExactly(result("a"), result("c"));
      second.forget(ResultSpool.ref(result("a")));
    }
    try (ResultSpool third = spool()) {
      assertThat(third.left()).containsExactly(result("c"));
      third.forget(ResultSpool.ref(result("c")));
      assertThat(third.isEmpty()).isTrue();
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
    }
  }

  @Test
  void whoeverIsKilledInTheMiddleOfALineLosesNoOther() throws IOException {
    try (ResultSpool first = spool()) {
      keep(first, "a");
    }
    Files.writeString(files().getFirst(), "+{\"workflow_id\": \"w", StandardOpenOption.APPEND);
    try (ResultSpool second = spool()) {
      assertThat(second.left()).containsExactly(result("a"));
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
