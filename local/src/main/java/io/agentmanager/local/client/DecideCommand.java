package io.agentmanager.local.client;

import io.agentmanager.contracts.api.ApprovalAnswer;
import io.agentmanager.contracts.api.ApprovalDecision;
import io.agentmanager.contracts.api.StepView;
import io.agentmanager.contracts.json.WireJson;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Answers what a step asks a person. */
abstract class DecideCommand implements Callable<Integer> {
  private final ApprovalDecision decision;
  @Mixin private ServerOptions server = new ServerOptions();

  @Parameters(index = "0", paramLabel = "ID", description = "the workflow")
  private String id = "";

  @Parameters(index = "1", paramLabel = "STEP", description = "the step that asks")
  private String step = "";

  @Option(names = "--comment", description = "why; the worker is told, and it stands in the trail")
  private @Nullable String comment;

  @Option(
      names = "--attempt",
      description = "the attempt that asked, so that no other question is answered by mistake")
  private @Nullable Integer attempt;

  DecideCommand(ApprovalDecision decision) {
    this.decision = decision;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    byte[] body =
        WireJson.mapper().writeValueAsBytes(new ApprovalAnswer(decision, comment, attempt));
    String name = URLEncoder.encode(step, StandardCharsets.UTF_8);
    StepView view =
        server
            .client()
            .post("/v1/workflows/" + id + "/steps/" + name + "/approval", body, StepView.class);
    String done =
        switch (decision) {
          case APPROVE -> "approved";
          case REJECT -> "rejected";
        };
    System.out.println(view.stepId() + " " + done + "; it is " + view.status() + " now");
    return 0;
  }
}
