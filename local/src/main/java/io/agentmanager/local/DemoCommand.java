package io.agentmanager.local;

import io.agentmanager.contracts.api.SubmissionAnswer;
import io.agentmanager.embedded.FreePorts;
import io.agentmanager.local.client.ApiClient;
import io.agentmanager.local.client.Outcomes;
import io.agentmanager.local.client.Progress;
import io.agentmanager.local.stack.DataFolder;
import io.agentmanager.local.stack.LocalStack;
import io.agentmanager.models.provider.ModelProvider;
import io.agentmanager.models.provider.ModelSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;

/** Runs the example from submission to audited result, on a folder that is thrown away. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = "Runs the example from submission to audited result, with live progress.")
final class DemoCommand implements Callable<Integer> {
  @Override
  public Integer call() throws Exception {
    Path example = Path.of(System.getProperty("am.home", ".")).resolve("examples/decisions");
    Path data = Files.createTempDirectory("agentmanager-demo");
    DataFolder folder = DataFolder.open(data);
    Logs.to(folder, "local");
    Folders.copy(example.resolve("workspace"), folder.root().resolve("workspace"));
    int port = FreePorts.next();
    System.out.println("Starting PostgreSQL, Kafka, the services and a worker ...");
    long began = System.nanoTime();
    int status;
    try (LocalStack stack = LocalStack.start(folder, port, true)) {
      Runtime.getRuntime().addShutdownHook(new Thread(stack::close, "stop"));
      System.out.printf("Ready after %.1f s. %s%n%n", seconds(began), thinker());
      status = run(example.resolve("task.json"), folder, port);
      System.out.printf("%nThe whole demo took %.1f s.%n", seconds(began));
    } finally {
      Folders.delete(data);
    }
    return status;
  }

  private static int run(Path task, DataFolder folder, int port)
      throws IOException, InterruptedException {
    ApiClient api =
        new ApiClient("http://127.0.0.1:" + port, Files.readString(folder.token()).strip());
    SubmissionAnswer answer =
        api.post("/v1/tasks", Files.readAllBytes(task), SubmissionAnswer.class);
    System.out.println("Workflow " + answer.workflowId() + " from " + task.getFileName());
    new Progress(api, System.out).follow(answer.workflowId());
    int status = Outcomes.print(api, answer.workflowId(), System.out);
    Path report = folder.workspace().resolve("report.md");
    if (Files.exists(report)) {
      System.out.println("The worker wrote report.md, " + Files.size(report) + " bytes.");
    }
    return status;
  }

  private static String thinker() {
    ModelSettings model = ModelSettings.from(System::getenv);
    return model.provider() == ModelProvider.NONE
        ? "No model is configured: fixed rules do the thinking (set OPENAI_API_KEY for a model)."
        : "The model is " + model.model() + ".";
  }

  private static double seconds(long began) {
    return (System.nanoTime() - began) / 1e9;
  }
}
