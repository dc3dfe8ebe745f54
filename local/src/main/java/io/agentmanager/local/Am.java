package io.agentmanager.local;

import io.agentmanager.local.client.CancelCommand;
import io.agentmanager.local.client.GetCommand;
import io.agentmanager.local.client.ListCommand;
import io.agentmanager.local.client.SubmitCommand;
import io.agentmanager.local.client.WatchCommand;
import io.agentmanager.local.dlt.DltCommand;
import io.agentmanager.worker.cli.WorkerCommand;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of AgentManager. */
@Command(
    name = "am",
    mixinStandardHelpOptions = true,
    version = "AgentManager 0.1.0",
    description = "Runs AgentManager on this machine, and talks to it here or elsewhere.",
    subcommands = {
      UpCommand.class,
      DemoCommand.class,
      WorkerCommand.class,
      SubmitCommand.class,
      WatchCommand.class,
      GetCommand.class,
      ListCommand.class,
      CancelCommand.class,
      DltCommand.class,
      PartCommand.class
    })
public final class Am {
  private static final int FAILED = 1;

  private Am() {}

  /** Runs a command and exits with its status: 0 when it did what was asked. */
  public static void main(String[] args) {
    boolean client = args.length > 0 && List.of("worker").contains(args[0]);
    String logging = client ? "worker-logback.xml" : "local-logback.xml";
    System.setProperty("logback.configurationFile", logging);
    CommandLine line = new CommandLine(new Am());
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          command.getErr().println(command.getColorScheme().errorText(message(failure)));
          return FAILED;
        });
    System.exit(line.execute(args));
  }

  private static String message(Exception failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }
}
