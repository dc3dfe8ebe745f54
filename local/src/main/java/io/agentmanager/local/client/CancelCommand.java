package io.agentmanager.local.client;

import io.agentmanager.contracts.api.CancelRequest;
import io.agentmanager.contracts.api.WorkflowView;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Cancels a workflow. */
@Command(name = "cancel", mixinStandardHelpOptions = true, description = "Cancels a workflow.")
public final class CancelCommand implements Callable<Integer> {
  @Mixin private ServerOptions server = new ServerOptions();

  @Parameters(paramLabel = "ID", description = "the workflow")
  private String id = "";

  @Option(names = "--reason", description = "why; it stands in the history")
  private @Nullable String reason;

  @Override
  public Integer call() throws IOException, InterruptedException {
    byte[] body = WireJson.mapper().writeValueAsBytes(new CancelRequest(reason));
    WorkflowView view =
        server.client().post("/v1/workflows/" + id + "/cancel", body, WorkflowView.class);
    System.out.println(view.workflowId() + " " + view.status());
    return 0;
  }
}
