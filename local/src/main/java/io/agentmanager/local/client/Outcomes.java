package io.agentmanager.local.client;

import io.agentmanager.contracts.api.WorkflowResult;
import io.agentmanager.contracts.api.WorkflowStatus;
import java.io.IOException;
import java.io.PrintStream;

/** Prints what a finished workflow came to. */
public final class Outcomes {
  private static final int NOT_COMPLETED = 1;

  private Outcomes() {}

  /** Prints it; returns the exit status: 0 when the workflow completed. */
  public static int print(ApiClient api, String workflow, PrintStream out)
      throws IOException, InterruptedException {
    WorkflowResult result = api.get("/v1/workflows/" + workflow + "/result", WorkflowResult.class);
    out.println();
    if (result.result() != null) {
      out.println(result.result());
    }
    if (result.error() != null) {
      out.println("Error: " + result.error().type() + ": " + result.error().message());
    }
    out.println("Status: " + result.status() + ", resting on steps " + result.sources());
    return result.status() == WorkflowStatus.COMPLETED ? 0 : NOT_COMPLETED;
  }
}
