package io.agentmanager.task.write;

import io.agentmanager.contracts.api.ResultAnswer;
import io.agentmanager.contracts.api.WorkflowStatus;
import io.agentmanager.task.lifecycle.Decision;

/** What became of a {@link WriteRequest}, once its transaction has committed. */
public sealed interface WriteReply {

  /** It was done, or had been done before; the workflow stands like this now. */
  record Done(WorkflowStatus status) implements WriteReply {}

  /** The result was accepted, now or earlier. */
  record ResultAccepted(ResultAnswer answer) implements WriteReply {}

  /** The attempt has another result already. */
  record OtherResultAccepted() implements WriteReply {}

  /** It does not fit the state; nothing changed. */
  record Refused(Decision.Refused why) implements WriteReply {}

  /** There is no such workflow. */
  record UnknownWorkflow() implements WriteReply {}
}
