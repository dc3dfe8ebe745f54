package io.agentmanager.local.client;

import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

/** Shows a workflow. */
@Command(name = "get", mixinStandardHelpOptions = true, description = "Prints a workflow as JSON.")
public final class GetCommand implements Callable<Integer> {
  @Mixin private ServerOptions server = new ServerOptions();

  @Parameters(paramLabel = "ID", description = "the workflow")
  private String id = "";

  @Override
  public Integer call() throws IOException, InterruptedException {
    JsonNode workflow = server.client().get("/v1/workflows/" + id, JsonNode.class);
    System.out.println(
        WireJson.mapper().writerWithDefaultPrettyPrinter().writeValueAsString(workflow));
    return 0;
  }
}
