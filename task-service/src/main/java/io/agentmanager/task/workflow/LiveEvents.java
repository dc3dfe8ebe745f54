package io.agentmanager.task.workflow;

import io.agentmanager.contracts.api.HistoryEvent;
import io.agentmanager.contracts.api.TextEvent;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.journal.CommitListener;
import io.agentmanager.journal.JournalEntry;
import io.agentmanager.journal.JournalStore;
import io.agentmanager.journal.JournalTail;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.stereotype.Component;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.core.scheduler.Scheduler;

/**
 * The live stream of a workflow's journal. A commit of this replica wakes its streams at once, one
 * of another replica through its events; one look a second for all streams together catches what
 * neither said. A stream at rest asks the database nothing. When the service stops, streams end,
 * and their readers go on at another replica after the last number that they saw.
 */
@Component
public class LiveEvents implements CommitListener, SmartLifecycle {
  private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(5);
  private static final int BATCH = 500;
  private static final Set<String> LAST =
      Set.of("workflow.completed", "workflow.failed", "workflow.cancelled");

  private final HistoryQueries history;
  private final JournalStore journal;
  private final JournalTail tail;
  private final WorkflowQueries queries;
  private final Scheduler blocking;
  private final Map<WorkflowKey, List<Watcher>> watchers = new ConcurrentHashMap<>();
  private volatile Sinks.Empty<Void> end = Sinks.empty();
  private volatile boolean hasEnded;
  private volatile boolean running;

  LiveEvents(
      HistoryQueries history,
      JournalStore journal,
      JournalTail tail,
      WorkflowQueries queries,
      Scheduler blocking) {
    this.history = history;
    this.journal = journal;
    this.tail = tail;
    this.queries = queries;
    this.blocking = blocking;
  }

  /**
   * One stream.
   *
   * @param wake told that there is something to read
   * @param seen the number up to which it was written
   * @param texts what models write; whoever cannot take it now does not get it
   */
  private record Watcher(
      Sinks.Many<Boolean> wake, AtomicLong seen, Sinks.Many<ServerSentEvent<Object>> texts) {
    void ring() {
      wake.tryEmitNext(Boolean.TRUE);
    }
  }

  /** Whether the service stops, and a reader had better go on elsewhere. */
  boolean isEnding() {
    return hasEnded;
  }

  /** Whether a reader that has seen everything up to a number has nothing more to expect. */
  boolean isOver(WorkflowKey key, long after) {
    return after > 0
        && queries.status(key).filter(s -> s.isFinished()).isPresent()
        && history.read(key, after, tail.settle(), BATCH).stream()
            .noneMatch(event -> LAST.contains(event.type()));
  }

  /** Everything after a number, then what happens, until the workflow ends. */
  Flux<ServerSentEvent<Object>> stream(WorkflowKey key, long after) {
    return Flux.defer(() -> watch(key, new AtomicLong(after)));
  }

  @Override
  public void committed(List<JournalEntry> entries) {
    if (watchers.isEmpty()) {
      return;
    }
    Set<WorkflowKey> touched = new HashSet<>();
    entries.forEach(entry -> touched.add(entry.key()));
    touched.forEach(this::wake);
  }

  /** The workflows that somebody watches at this replica. */
  Set<WorkflowKey> watched() {
    return Set.copyOf(watchers.keySet());
  }

  /** Whether somebody watches a workflow at this replica. */
  boolean isWatched(WorkflowKey key) {
    return watchers.containsKey(key);
  }

  /** Shows what a model writes to those who watch at this replica. */
  void show(WorkflowKey key, TextEvent text) {
    ServerSentEvent<Object> event =
        ServerSentEvent.<Object>builder(text).event(text.type()).build();
    watchers.getOrDefault(key, List.of()).forEach(watcher -> watcher.texts().tryEmitNext(event));
  }

  void wake(WorkflowKey key) {
    watchers.getOrDefault(key, List.of()).forEach(Watcher::ring);
  }

  /** Wakes the streams that have not seen the newest of their workflow's journal; one query. */
  public void wakeMissed() {
    if (!watchers.isEmpty()) {
      journal
          .newest(List.copyOf(watchers.keySet()))
          .forEach(
              (key, newest) ->
                  watchers.getOrDefault(key, List.of()).stream()
                      .filter(watcher -> watcher.seen().get() < newest)
                      .forEach(Watcher::ring));
    }
  }

  private Flux<ServerSentEvent<Object>> watch(WorkflowKey key, AtomicLong seen) {
    Watcher watcher =
        new Watcher(
            Sinks.many().unicast().onBackpressureBuffer(),
            seen,
            Sinks.many().multicast().directBestEffort());
    watchers.compute(key, (k, all) -> with(watcher, all));
    watcher.ring();
    return Flux.merge(watcher.wake().asFlux(), Flux.interval(SIGN_OF_LIFE).map(n -> Boolean.FALSE))
        .onBackpressureLatest()
        .concatMap(wake -> wake ? read(key, seen) : Flux.just(keepAlive()), 1)
        .mergeWith(watcher.texts().asFlux())
        .takeUntil(event -> event.event() != null && LAST.contains(event.event()))
        .takeUntilOther(end.asMono())
        .doFinally(how -> leave(key, watcher));
  }

  /** Streams may have begun already: what ends them stays what it is, unless it is used up. */
  @Override
  public void start() {
    if (hasEnded) {
      end = Sinks.empty();
      hasEnded = false;
    }
    running = true;
  }

  /** Before the web server, which would wait for the streams to end. */
  @Override
  public void stop() {
    running = false;
    hasEnded = true;
    end.tryEmitEmpty();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  private Flux<ServerSentEvent<Object>> read(WorkflowKey key, AtomicLong seen) {
    return Mono.fromCallable(() -> next(key, seen))
        .subscribeOn(blocking)
        .flatMapIterable(events -> events)
        .map(LiveEvents::event);
  }

  private List<HistoryEvent> next(WorkflowKey key, AtomicLong seen) {
    List<HistoryEvent> events = history.read(key, seen.get(), tail.settle(), BATCH);
    if (!events.isEmpty()) {
      seen.set(events.getLast().seq());
    }
    if (events.size() == BATCH) {
      wake(key);
    }
    return events;
  }

  /** Within the map's own guard, as leaving is: a list that was given up must get nobody more. */
  private static List<Watcher> with(Watcher watcher, @Nullable List<Watcher> all) {
    List<Watcher> more = all == null ? new CopyOnWriteArrayList<>() : all;
    more.add(watcher);
    return more;
  }

  private void leave(WorkflowKey key, Watcher watcher) {
    watchers.computeIfPresent(
        key,
        (k, all) -> {
          all.remove(watcher);
          return all.isEmpty() ? null : all;
        });
  }

  private static ServerSentEvent<Object> event(HistoryEvent event) {
    return ServerSentEvent.<Object>builder(event)
        .id(Long.toString(event.seq()))
        .event(event.type())
        .build();
  }

  private static ServerSentEvent<Object> keepAlive() {
    return ServerSentEvent.<Object>builder().comment("still there").build();
  }
}
