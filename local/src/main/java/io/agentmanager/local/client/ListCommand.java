package io.agentmanager.local.client;

import io.agentmanager.contracts.api.WorkflowPage;
import io.agentmanager.contracts.api.WorkflowView;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists workflows. */
@Command(
    name = "list",
    mixinStandardHelpOptions = true,
    description = "Lists workflows, newest first.")
public final class ListCommand implements Callable<Integer> {
  private static final int WIDTH = 60;
  @Mixin private ServerOptions server = new ServerOptions();

  @Option(names = "--status", description = "only those with this status")
  private @Nullable String status;

  @Option(names = "--limit", defaultValue = "20", description = "how many at most (20)")
  private int limit;

  @Override
  public Integer call() throws IOException, InterruptedException {
    String filter = status == null ? "" : "&status=" + status.toUpperCase(Locale.ROOT);
    WorkflowPage page =
        server.client().get("/v1/workflows?limit=" + limit + filter, WorkflowPage.class);
    for (WorkflowView workflow : page.workflows()) {
      WorkflowView.Progress progress = workflow.progress();
      System.out.printf(
          "%s  %-12s  %5d/%-5d  %s  %s%n",
          workflow.workflowId(),
          workflow.status(),
          progress.completed(),
          progress.total(),
          workflow.createdAt(),
          brief(workflow.description()));
    }
    return 0;
  }

  private static String brief(String text) {
    String line = text.replaceAll("\\s+", " ").strip();
    return line.length() <= WIDTH ? line : line.substring(0, WIDTH) + "\u2026";
  }
}
