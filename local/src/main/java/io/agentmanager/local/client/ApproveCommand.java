package io.agentmanager.local.client;

import io.agentmanager.contracts.api.ApprovalDecision;
import picocli.CommandLine.Command;

/** Agrees to what a step asks. */
@Command(
    name = "approve",
    mixinStandardHelpOptions = true,
    description = "Agrees to what a step asks, which goes on.")
public final class ApproveCommand extends DecideCommand {
  /** For the command line. */
  public ApproveCommand() {
    super(ApprovalDecision.APPROVE);
  }
}
