package io.agentmanager.local.stack;

import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

/** The whole system in this JVM. */
public final class LocalStack implements AutoCloseable {
  private final Deque<Part> parts = new ArrayDeque<>();
  private final AtomicBoolean closed = new AtomicBoolean();

  private final Starter starter;

  private LocalStack(Starter starter) {
    this.starter = starter;
  }

  /** Starts a part by its name. */
  @FunctionalInterface
  public interface Starter {
    /** Returns when the part serves. */
    Part start(String name, DataFolder folder, int port) throws Exception;
  }

  /** Starts everything; what had started is stopped again when something does not. */
  public static LocalStack start(DataFolder folder, int port, boolean withWorker) throws Exception {
    return start(folder, port, withWorker, Parts::start);
  }

  /** Starts everything, each part as the starter does. */
  public static LocalStack start(DataFolder folder, int port, boolean withWorker, Starter starter)
      throws Exception {
    LocalStack stack = new LocalStack(starter);
    try {
      stack.startAll(List.of(Parts.POSTGRES, Parts.KAFKA), folder, port);
      stack.startAll(Parts.SERVICES, folder, port);
      if (withWorker) {
        stack.parts.addLast(starter.start(Parts.WORKER, folder, port));
      }
      Files.writeString(folder.url(), "http://localhost:" + port + "\n");
      return stack;
    } catch (Exception e) {
      stack.close();
      throw e;
    }
  }

  /** Stops the parts, the last one started first. */
  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      while (!parts.isEmpty()) {
        closeQuietly(parts.removeLast());
      }
    }
  }

  /**
   * On threads of the operating system: a virtual thread that loads a class holds its carrier, so
   * that several can wait for one that holds the class path and has none to go on with.
   */
  private void startAll(List<String> names, DataFolder folder, int port) throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(names.size())) {
      List<Future<Part>> starting =
          names.stream()
              .map(name -> threads.submit((Callable<Part>) () -> starter.start(name, folder, port)))
              .toList();
      Exception failure = null;
      for (Future<Part> part : starting) {
        try {
          parts.addLast(part.get());
        } catch (ExecutionException e) {
          failure = e;
        }
      }
      if (failure != null) {
        throw failure;
      }
    }
  }

  private static void closeQuietly(Part part) {
    try {
      part.close();
    } catch (RuntimeException e) {
      System.err.println("a part did not stop cleanly: " + e.getMessage());
    }
  }
}
