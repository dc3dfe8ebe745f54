package io.agentmanager.task.lifecycle;

import io.agentmanager.contracts.id.StepId;
import io.agentmanager.journal.JournalEntry;
import java.util.List;
import java.util.Map;

/** What became of a command. */
public sealed interface Decision {

  /**
   * The command holds.
   *
   * @param next the workflow as it is now, its loaded steps included
   * @param changed the steps that changed
   * @param entries what the journal says of it, cause before effect
   */
  record Accepted(WorkflowState next, Map<StepId, StepState> changed, List<JournalEntry> entries)
      implements Decision {}

  /** The command does not fit the state; nothing changes. */
  record Refused(Reason reason, String detail) implements Decision {}

  /** Why a command was refused. */
  enum Reason {
    /** The step is not in the workflow. */
    UNKNOWN_STEP,
    /** The attempt is not the one that runs. */
    STALE_ATTEMPT,
    /** The workflow has ended. */
    ENDED,
    /** The workflow is in another phase or audit cycle than the command names. */
    OTHER_PHASE,
    /** It would be more than the attempt may keep. */
    TOO_MUCH
  }
}
