package io.agentmanager.worker.mcp;

import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one connection to a server that all steps share: opened at the first use, given up when it
 * breaks, closed when nobody used it for long.
 */
final class SharedConnection implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(SharedConnection.class);
  private final String name;
  private final McpServerConfig config;
  private final InstantSource clock;
  private @Nullable Opened current;
  private Instant lastUse = Instant.MIN;
  private boolean ended;

  SharedConnection(String name, McpServerConfig config, InstantSource clock) {
    this.name = name;
    this.config = config;
    this.clock = clock;
  }

  /**
   * Begins to use it, whether it is open or has to be opened; {@link Opened#leave} ends that.
   *
   * @throws McpServer.NotSent when it was closed for good
   */
  synchronized Opened enter() throws McpServer.NotSent {
    if (ended) {
      throw new McpServer.NotSent(name + " is closed, as its worker is");
    }
    Opened now = current;
    if (now != null && now.isDead()) {
      boolean unused = detach(now);
      now = null;
    }
    if (now == null) {
      now = new Opened();
      now.begin();
      current = now;
    }
    now.users++;
    return now;
  }

  private synchronized void leave(Opened opened) {
    opened.users--;
    lastUse = clock.instant();
    if (opened.detached && opened.users == 0) {
      opened.close();
    }
  }

  private synchronized boolean detach(Opened opened) {
    if (opened.detached) {
      return false;
    }
    opened.detached = true;
    if (current == opened) {
      current = null;
    }
    if (opened.users == 0) {
      opened.close();
    }
    return true;
  }

  /** Closes it if nobody has used it since that time. */
  synchronized void closeIfIdleSince(Instant time) {
    if (current != null && current.users == 0 && lastUse.isBefore(time)) {
      log.info("{} was not used for long and is closed", name);
      boolean unused = detach(current);
    }
  }

  synchronized boolean isOpen() {
    return current != null;
  }

  /** For good. */
  @Override
  public synchronized void close() {
    ended = true;
    if (current != null) {
      Opened last = current;
      boolean unused = detach(last);
      last.close();
    }
  }

  /** A connection and how many use it. It is closed when it was given up and the last has left. */
  final class Opened {
    private final FutureTask<McpConnection> opening = new FutureTask<>(this::open);
    private int users;
    private boolean detached;
    private @Nullable McpConnection connection;
    private boolean closed;

    /**
     * Connects on a thread of its own: whoever is interrupted while waiting does not end the start
     * for the others.
     */
    private void begin() {
      Thread unused = Thread.ofVirtual().name("mcp-open").start(opening);
    }

    private McpConnection open() throws IOException, InterruptedException {
      McpConnection open = McpConnection.open(name, config);
      if (!keep(open)) {
        open.close();
      }
      return open;
    }

    private synchronized boolean keep(McpConnection open) {
      if (!closed) {
        connection = open;
      }
      return !closed;
    }

    /**
     * Waits until it is open.
     *
     * @throws McpServer.NotSent when it cannot be opened, or was closed meanwhile
     */
    McpConnection connection() throws McpServer.NotSent, InterruptedException {
      try {
        return opening.get();
      } catch (ExecutionException e) {
        throw new McpServer.NotSent(McpConnection.describe(e), e);
      } catch (CancellationException e) {
        throw new McpServer.NotSent(name + " was closed while it started", e);
      }
    }

    /**
     * Nobody begins anything with it any more; what is under way may end.
     *
     * @return whether nobody had given it up before
     */
    boolean giveUp() {
      return detach(this);
    }

    /** Ends what {@link #enter} began. */
    void leave() {
      SharedConnection.this.leave(this);
    }

    /** Of a start that failed only those are told who waited for it. */
    private boolean isDead() {
      return switch (opening.state()) {
        case RUNNING -> false;
        case SUCCESS -> !opening.resultNow().isAlive();
        case FAILED, CANCELLED -> users == 0;
      };
    }

    /** Ends the opening, too, if it is still under way. */
    private void close() {
      McpConnection last = end();
      boolean unused = opening.cancel(true);
      if (last != null) {
        last.close();
      }
    }

    private synchronized @Nullable McpConnection end() {
      closed = true;
      McpConnection last = connection;
      connection = null;
      return last;
    }
  }
}
