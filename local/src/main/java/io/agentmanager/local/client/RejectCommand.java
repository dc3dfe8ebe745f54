package io.agentmanager.local.client;

import io.agentmanager.contracts.api.ApprovalDecision;
import picocli.CommandLine.Command;

/** Refuses what a step asks. */
@Command(
    name = "reject",
    mixinStandardHelpOptions = true,
    description = "Refuses what a step asks, which fails.")
public final class RejectCommand extends DecideCommand {
  /** For the command line. */
  public RejectCommand() {
    super(ApprovalDecision.REJECT);
  }
}
