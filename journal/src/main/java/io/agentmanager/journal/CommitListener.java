package io.agentmanager.journal;

import java.util.List;

/** Hears of journal entries right after their transaction has committed. Must not block. */
public interface CommitListener {
  /** These entries are visible to everybody now. */
  void committed(List<JournalEntry> entries);

  /** Another replica committed these, or this one did and was told again. */
  default void heard(List<JournalEntry> entries) {
    committed(entries);
  }
}
