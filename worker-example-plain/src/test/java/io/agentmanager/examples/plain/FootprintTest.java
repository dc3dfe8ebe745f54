package io.agentmanager.examples.plain;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StepStatus;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.worker.testing.TestServer;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/** What the library adds to a program that embeds it, and that this is enough to work. */
class FootprintTest {
  private static final long MOST_BYTES = 5_000_000;
  private static final Path CLASS_PATH = Path.of("target", "footprint.txt");
  @TempDir private Path folder;

  @Test
  void theLibraryAddsAtMostFiveMegabytes() throws IOException {
    long bytes = 0;
    for (Path part : classPath()) {
      bytes += size(part);
    }
    System.out.printf(
        "the worker's library adds %,d bytes in %d parts%n", bytes, classPath().size());
    assertThat(bytes).isBetween(1_000_000L, MOST_BYTES);
  }

  @Test
  void aFirstWorkerTakesAtMostFifteenLines() throws IOException {
    Path source = Path.of("src/main/java/io/agentmanager/examples/plain/PlainWorker.java");
    assertThat(Files.readAllLines(source).stream().map(String::strip))
        .filteredOn(line -> !line.isEmpty() && !line.matches("(package|import|/\\*\\*|\\*).*"))
        .hasSizeLessThanOrEqualTo(15);
  }

  @Test
  void itBringsNoSpringNettyReactorProviderOrTelemetry() throws IOException {
    assertThat(classPath())
        .isNotEmpty()
        .noneMatch(
            part ->
                part.toString()
                    .matches(
                        ".*(springframework|netty|reactor|langchain4j|opentelemetry|micrometer).*"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "io.opentelemetry.api.OpenTelemetry",
        "io.micrometer.core.instrument.MeterRegistry",
        "dev.langchain4j.model.chat.ChatModel"
      })
  void whatIsOptionalIsNotThereInTheseTests(String type) {
    assertThat(getClass().getClassLoader().getResource(type.replace('.', '/') + ".class")).isNull();
  }

  @Test
  @Timeout(60)
  void theBatchIsSummedInPortions() throws Exception {
    String rows =
        IntStream.rangeClosed(1, 250).mapToObj(Integer::toString).collect(Collectors.joining(","));
    try (TestServer server = TestServer.start();
        var worker =
            BatchWorker.worker(server.config("batch", 2, "batch").withSpool(folder)).start()) {
      String id = server.submit(step("batch", "{\"rows\": [" + rows + "]}"));
      assertThat(server.await(id, "s", StepStatus.COMPLETED).finalResult()).isEqualTo("31375");
      assertThat(server.results(id, "s").getFirst().raHistory().iterationList()).hasSize(3);
    }
  }

  @Test
  @Timeout(60)
  void aWorkerWorksWithoutWhatIsOptional() throws Exception {
    try (TestServer server = TestServer.start();
        var worker =
            PlainWorker.worker(server.config("plain", 2, "greeter").withSpool(folder)).start()) {
      String id = server.submit(step("greeter", "{\"name\": \"Ann\"}"));
      assertThat(server.await(id, "s", StepStatus.COMPLETED).finalResult())
          .isEqualTo("Hello, Ann!");
    }
  }

  private static StepSpec step(String capability, String input) {
    return StepSpec.of("s", "do it", capability, List.of())
        .withInput(WireJson.mapper().readValue(input, ObjectNode.class));
  }

  private static List<Path> classPath() throws IOException {
    return Arrays.stream(Files.readString(CLASS_PATH).strip().split(File.pathSeparator, -1))
        .map(Path::of)
        .toList();
  }

  /** A module of this build may be a folder of classes yet. */
  private static long size(Path part) throws IOException {
    if (Files.isRegularFile(part)) {
      return Files.size(part);
    }
    try (Stream<Path> files = Files.walk(part)) {
      return files.filter(Files::isRegularFile).mapToLong(file -> file.toFile().length()).sum();
    }
  }
}
