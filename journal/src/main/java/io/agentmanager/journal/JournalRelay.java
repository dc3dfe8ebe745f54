package io.agentmanager.journal;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.SingleConnectionDataSource;

/**
 * Carries the journal's events to Kafka, each at least once and in the order of their numbers.
 *
 * <p>One replica of a service leads, by an advisory lock of its connection; when it dies, the lock
 * falls and another takes over at the cursor. A cursor moves only after the broker has
 * acknowledged, so a crash repeats events and never loses one. It is written down a few times a
 * second, not after each handful.
 */
public final class JournalRelay extends BackgroundLoop {
  private static final Logger log = LoggerFactory.getLogger(JournalRelay.class);
  private static final Duration LOOK = Duration.ofSeconds(1);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(1);
  private static final Duration GATHER = Duration.ofMillis(10);
  private static final Duration NOTE = Duration.ofMillis(250);
  private static final int BATCH = 500;

  private final DataSource dataSource;
  private final EventPublisher publisher;
  private final Runnable topics;
  private final Bell bell = new Bell();
  private volatile long settledAt = System.nanoTime();
  private volatile boolean behind;

  /**
   * Reads the journal in the given database.
   *
   * @param topics makes sure that the topics are there, or throws
   */
  public JournalRelay(DataSource dataSource, EventPublisher publisher, Runnable topics) {
    super("journal-relay");
    this.dataSource = dataSource;
    this.publisher = publisher;
    this.topics = topics;
  }

  /** Says that something was committed: relay it now rather than at the next look. */
  public void wake() {
    bell.ring();
  }

  /**
   * How long a transaction has kept the journal's numbers from being complete, where this replica
   * relays; zero elsewhere.
   */
  Duration horizonAge() {
    return behind ? Duration.ofNanos(System.nanoTime() - settledAt) : Duration.ZERO;
  }

  /** Stops after whatever still commits. */
  @Override
  public int getPhase() {
    return 0;
  }

  @Override
  protected void work() throws InterruptedException {
    while (isRunning()) {
      try (Connection connection = dataSource.getConnection()) {
        topics.run();
        relayOn(connection);
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception e) {
        if (!isRunning()) {
          return;
        }
        log.warn("journal relay interrupted, trying again: {}", e.toString());
        Thread.sleep(LOOK);
      }
    }
  }

  private void relayOn(Connection connection) throws InterruptedException, SQLException {
    connection.setAutoCommit(true);
    JournalStore store =
        new JournalStore(new JdbcTemplate(new SingleConnectionDataSource(connection, true)));
    try {
      lead(store);
    } finally {
      letGo(connection, store);
    }
  }

  /** The lock is the session's: a pooled connection must not carry it away. */
  private static void letGo(Connection connection, JournalStore store) throws SQLException {
    try {
      store.stopLeading();
    } catch (RuntimeException e) {
      connection.abort(Runnable::run);
    }
  }

  private void lead(JournalStore store) throws InterruptedException {
    while (isRunning() && !store.tryToLead()) {
      bell.await(LOOK);
    }
    JournalHorizon horizon = new JournalHorizon();
    Cursor cursor = new Cursor(store);
    long complete = 0;
    try {
      while (isRunning()) {
        long before = complete;
        complete = horizon.advance(store.observe(horizon.seen()));
        noteHorizon(horizon.isBehind() && complete == before);
        if (relayUpTo(complete, cursor, store)) {
          Thread.sleep(GATHER);
        } else {
          bell.await(horizon.isBehind() ? LOOK_AGAIN : LOOK);
        }
      }
    } finally {
      noteHorizon(false);
      cursor.note();
    }
  }

  private void noteHorizon(boolean stands) {
    if (!stands) {
      settledAt = System.nanoTime();
    }
    behind = stands;
  }

  /** Returns whether there was anything: more is coming then, and better comes together. */
  private boolean relayUpTo(long complete, Cursor cursor, JournalStore store)
      throws InterruptedException {
    long before = cursor.at;
    List<JournalStore.OutboxRow> rows;
    do {
      rows = store.outbox(cursor.at, complete, BATCH);
      if (!rows.isEmpty()) {
        // Waiting for the broker is no fault of a transaction.
        noteHorizon(false);
        publisher.publish(rows);
        cursor.move(rows.getLast().seq());
        cursor.noteNowAndThen();
      }
    } while (rows.size() == BATCH);
    // What only history keeps moves the cursor too, though not every time: it tells the backlog.
    if (complete - cursor.at >= BATCH) {
      cursor.move(complete);
    }
    cursor.noteNowAndThen();
    return cursor.at > before;
  }

  /** Up to where the broker has everything, and up to where the database knows that. */
  private static final class Cursor {
    private final JournalStore store;
    private long at;
    private long noted;
    private long notedAt = System.nanoTime();

    Cursor(JournalStore store) {
      this.store = store;
      this.at = store.cursor();
      this.noted = at;
    }

    void move(long seq) {
      at = seq;
    }

    void noteNowAndThen() {
      if (System.nanoTime() - notedAt >= NOTE.toNanos()) {
        note();
      }
    }

    void note() {
      if (at > noted) {
        store.moveCursor(at);
        noted = at;
      }
      notedAt = System.nanoTime();
    }
  }
}
