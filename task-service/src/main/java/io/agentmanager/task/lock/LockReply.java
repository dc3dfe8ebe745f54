package io.agentmanager.task.lock;

import io.agentmanager.contracts.api.LockAnswer;
import io.agentmanager.task.file.FileLockStore;

/** What became of the wish for a file. */
sealed interface LockReply {

  /** It is held now, or was held already. */
  record Granted(LockAnswer answer) implements LockReply {}

  /** Others hold it. */
  record Taken(FileLockStore.Holder by) implements LockReply {}

  /** Others hold it, and they wait for this step. */
  record Circle(FileLockStore.Holder by) implements LockReply {}

  /** The attempt does not run, or not for this worker. */
  record Stale(String why) implements LockReply {}

  /** There is no such step. */
  record UnknownStep() implements LockReply {}
}
