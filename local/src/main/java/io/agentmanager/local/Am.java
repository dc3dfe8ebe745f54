package io.agentmanager.local;

import io.agentmanager.local.client.ApproveCommand;
import io.agentmanager.local.client.CancelCommand;
import io.agentmanager.local.client.DoctorCommand;
import io.agentmanager.local.client.GetCommand;
import io.agentmanager.local.client.ListCommand;
import io.agentmanager.local.client.LoginCommand;
import io.agentmanager.local.client.RejectCommand;
import io.agentmanager.local.client.SubmitCommand;
import io.agentmanager.local.client.TokenCommand;
import io.agentmanager.local.client.TrailCommand;
import io.agentmanager.local.client.WatchCommand;
import io.agentmanager.local.dlt.DltCommand;
import io.agentmanager.worker.cli.WorkerCommand;
import io.agentmanager.worker.cli.WorkerLogging;
import java.nio.file.NoSuchFileException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of AgentManager. */
@Command(
    name = "am",
    mixinStandardHelpOptions = true,
    version = "AgentManager 0.1.0",
    description = "Runs AgentManager on this machine, and talks to it here or elsewhere.",
    footer = "@|bold am bench|@ measures it; its libraries are built on first use.",
    subcommands = {
      UpCommand.class,
      DemoCommand.class,
      WorkerCommand.class,
      SubmitCommand.class,
      WatchCommand.class,
      GetCommand.class,
      ListCommand.class,
      CancelCommand.class,
      ApproveCommand.class,
      RejectCommand.class,
      LoginCommand.class,
      TokenCommand.class,
      TrailCommand.class,
      KeysCommand.class,
      DoctorCommand.class,
      DltCommand.class,
      PartCommand.class,
      TrainCommand.class
    })
public final class Am {
  private static final int FAILED = 1;

  private Am() {}

  /** Runs a command and exits with its status: 0 when it did what was asked. */
  public static void main(String[] args) {
    System.exit(run(args));
  }

  /**
   * Runs a command.
   *
   * @param more commands that are to be had besides
   * @return the status: 0 when it did what was asked
   */
  public static int run(String[] args, Object... more) {
    boolean client = args.length > 0 && List.of("worker").contains(args[0]);
    if (client) {
      WorkerLogging.configure(System.getenv());
    } else {
      System.setProperty("logback.configurationFile", "local-logback.xml");
    }
    CommandLine line = new CommandLine(new Am()).setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionExceptionHandler(
        (failure, command, parsed) -> {
          command.getErr().println(command.getColorScheme().errorText(message(failure)));
          return FAILED;
        });
    List.of(more).forEach(line::addSubcommand);
    return line.execute(args);
  }

  private static String message(Exception failure) {
    if (failure instanceof NoSuchFileException missing) {
      return "There is no file " + missing.getFile() + ".";
    }
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }
}
