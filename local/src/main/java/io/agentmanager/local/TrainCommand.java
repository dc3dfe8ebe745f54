package io.agentmanager.local;

import io.agentmanager.contracts.api.AuditMode;
import io.agentmanager.contracts.api.AuditPolicy;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.SubmissionAnswer;
import io.agentmanager.contracts.api.TaskSubmission;
import io.agentmanager.contracts.json.WireJson;
import io.agentmanager.embedded.FreePorts;
import io.agentmanager.local.client.ApiClient;
import io.agentmanager.local.client.Progress;
import io.agentmanager.local.stack.DataFolder;
import io.agentmanager.local.stack.ImagePart;
import io.agentmanager.local.stack.LocalStack;
import io.agentmanager.local.stack.Parts;
import io.agentmanager.worker.Outcome;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Exercises the whole stack, so that a JVM that makes an AOT cache of this run (JEP 514) finds
 * loaded and linked what a start and the first work need. The build calls it.
 */
@Command(name = "train", hidden = true)
final class TrainCommand implements Callable<Integer> {
  private static final String CAPABILITY = "training";
  private static final int WIDTH = 8;
  private static final int SLOTS = 100;
  private static final int CLIENTS = 8;

  @Parameters(index = "0", description = "submission of a whole example")
  private Path example = Path.of("task.json");

  @Option(names = "--seconds", defaultValue = "3", description = "how long the load lasts")
  private int seconds;

  @Option(names = "--apart", description = "the module that runs from its image's folder instead")
  private @Nullable String apart;

  @Option(names = "--image", description = "that folder")
  private Path image = Path.of("/app");

  @Option(names = "--cache", description = "where the cache of that module is made")
  private Path cache = Path.of("app.aot");

  @Override
  public Integer call() throws Exception {
    Path data = Files.createTempDirectory("agentmanager-train");
    DataFolder folder = DataFolder.open(data);
    Logs.to(folder, "local");
    Folders.copy(example.resolveSibling("workspace"), folder.root().resolve("workspace"));
    int port = FreePorts.next();
    LocalStack.Starter starter =
        apart == null ? Parts::start : ImagePart.apart(apart, image, cache);
    try (LocalStack stack = LocalStack.start(folder, port, true, starter)) {
      run(port, Files.readString(folder.token()).strip());
    } catch (Exception e) {
      if (apart != null) {
        throw e;
      }
      // Nothing depends on the cache; and a build must not fail where no stack can be started.
      System.err.println("No AOT cache was made, so starts take longer: " + e);
    } finally {
      Folders.delete(data);
    }
    return apart == null || Files.exists(cache) ? 0 : 1;
  }

  private void run(int port, String token) throws Exception {
    ApiClient api = new ApiClient("http://127.0.0.1:" + port, token);
    complete(api, Files.readAllBytes(example));
    URI url = URI.create("http://127.0.0.1:" + port);
    WorkerConfig config = WorkerConfig.of(CAPABILITY, url, token, SLOTS, List.of(CAPABILITY));
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    try (Worker worker =
            Worker.builder(config).handlerForAll(step -> Outcome.completed("done")).start();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> clients = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        clients.add(
            threads.submit(
                () -> {
                  while (System.nanoTime() < end) {
                    complete(api, diamond());
                  }
                  return null;
                }));
      }
      for (Future<?> client : clients) {
        client.get();
      }
    }
  }

  private static void complete(ApiClient api, byte[] submission) throws Exception {
    SubmissionAnswer answer = api.post("/v1/tasks", submission, SubmissionAnswer.class);
    new Progress(
            api, new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8))
        .follow(answer.workflowId());
  }

  /** 1 → 8 → 1. */
  private static byte[] diamond() {
    List<String> middle = IntStream.range(0, WIDTH).mapToObj(i -> "middle-" + i).toList();
    List<StepSpec> steps = new ArrayList<>();
    steps.add(StepSpec.of("first", "do nothing", CAPABILITY, List.of()));
    middle.forEach(id -> steps.add(StepSpec.of(id, "do nothing", CAPABILITY, List.of("first"))));
    steps.add(StepSpec.of("last", "do nothing", CAPABILITY, middle));
    return WireJson.mapper()
        .writeValueAsBytes(
            new TaskSubmission(
                "training",
                null,
                null,
                null,
                null,
                steps,
                new AuditPolicy(AuditMode.NONE, 0),
                null,
                null));
  }
}
