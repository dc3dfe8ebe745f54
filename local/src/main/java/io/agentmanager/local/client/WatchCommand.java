package io.agentmanager.local.client;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Follows a workflow. */
@Command(
    name = "watch",
    mixinStandardHelpOptions = true,
    description = "Follows a workflow to its end and prints the result.")
public final class WatchCommand implements Callable<Integer> {
  @Mixin private ServerOptions server = new ServerOptions();

  @Parameters(paramLabel = "ID", description = "the workflow")
  private String id = "";

  @Override
  public Integer call() throws IOException, InterruptedException {
    ApiClient api = server.client();
    new Progress(api, System.out).follow(id);
    return Outcomes.print(api, id, System.out);
  }
}
