package io.agentmanager.journal;

import java.io.IOException;
import java.sql.SQLException;
import java.sql.SQLTransientException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Tells failures that say nothing of the work from those that do. */
public final class Outages {
  /** PostgreSQL's classes of passing faults: connection, rollback, resources, intervention. */
  private static final Set<String> PASSING = Set.of("08", "40", "53", "57");

  private Outages() {}

  /** Whether something that was needed is away: whatever comes next would fail alike. */
  public static boolean isOutage(@Nullable Throwable failure) {
    for (Throwable t = failure; t != null; t = t.getCause()) {
      if (t instanceof IOException
          || t instanceof SQLTransientException
          || (t instanceof SQLException sql && isPassing(sql))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isPassing(SQLException failure) {
    String state = failure.getSQLState();
    return state != null && PASSING.contains(state.substring(0, Math.min(2, state.length())));
  }
}
