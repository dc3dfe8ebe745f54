package io.agentmanager.benchmarks;

import io.agentmanager.worker.StepHandler;
import io.agentmanager.worker.Worker;
import io.agentmanager.worker.WorkerConfig;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/** A system that runs already; each workflow's end is heard of by its live events. */
record Elsewhere(URI url, String token, Settings settings) implements Target {
  @Override
  public Api api() {
    return new Api(url.toString(), token);
  }

  @Override
  public Worker worker(String capability, int parallel, StepHandler handler) {
    return Worker.builder(WorkerConfig.of(capability, url, token, parallel, List.of(capability)))
        .handlerForAll(handler)
        .start();
  }

  @Override
  public Ends ends(Runnable each) {
    return new Streams(api(), each);
  }

  private static final class Streams implements Ends {
    private final Api api;
    private final Runnable each;
    private final AtomicLong completed = new AtomicLong();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    Streams(Api api, Runnable each) {
      this.api = api;
      this.each = each;
    }

    @Override
    public void submitted(String workflow) {
      threads.execute(() -> follow(workflow));
    }

    private void follow(String workflow) {
      try {
        if (api.awaitEnd(workflow).equals("workflow.completed")) {
          completed.incrementAndGet();
        }
      } catch (IOException e) {
        System.err.println("the end of " + workflow + " was not heard of: " + e.getMessage());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } finally {
        each.run();
      }
    }

    @Override
    public long completed() {
      return completed.get();
    }

    @Override
    public void close() {
      threads.shutdownNow();
    }
  }
}
