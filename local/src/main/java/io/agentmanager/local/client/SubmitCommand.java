package io.agentmanager.local.client;

import io.agentmanager.contracts.api.SubmissionAnswer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Submits a task from a file or the standard input. */
@Command(
    name = "submit",
    mixinStandardHelpOptions = true,
    description = "Submits a task: the JSON body of POST /v1/tasks, from a file or - for stdin.")
public final class SubmitCommand implements Callable<Integer> {
  @Mixin private ServerOptions server = new ServerOptions();

  @Parameters(paramLabel = "FILE|-", description = "the task as JSON")
  private String file = "-";

  @Option(names = "--watch", description = "follow it to its end and print the result")
  private boolean watch;

  @Override
  public Integer call() throws IOException, InterruptedException {
    byte[] body = file.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
    ApiClient api = server.client();
    SubmissionAnswer answer = api.post("/v1/tasks", body, SubmissionAnswer.class);
    System.out.println(answer.workflowId());
    if (!watch) {
      return 0;
    }
    new Progress(api, System.out).follow(answer.workflowId());
    return Outcomes.print(api, answer.workflowId(), System.out);
  }
}
