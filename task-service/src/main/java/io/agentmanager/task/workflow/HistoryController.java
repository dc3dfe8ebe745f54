package io.agentmanager.task.workflow;

import io.agentmanager.contracts.api.HistoryEvent;
import io.agentmanager.contracts.api.HistoryPage;
import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.contracts.id.WorkflowId;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.http.Caller;
import io.agentmanager.http.ProblemException;
import io.agentmanager.journal.JournalTail;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.scheduler.Scheduler;

/** A workflow's journal over HTTP: page by page, or live. */
@RestController
class HistoryController {
  private static final int DEFAULT_LIMIT = 500;
  private static final int MOST = 1000;
  private final HistoryQueries history;
  private final JournalTail tail;
  private final LiveEvents live;
  private final AdoptWorkflow adopt;
  private final Scheduler blocking;

  HistoryController(
      HistoryQueries history,
      JournalTail tail,
      LiveEvents live,
      AdoptWorkflow adopt,
      Scheduler blocking) {
    this.history = history;
    this.tail = tail;
    this.live = live;
    this.adopt = adopt;
    this.blocking = blocking;
  }

  @GetMapping("/v1/workflows/{id}/history")
  HistoryPage page(
      Caller caller,
      @PathVariable String id,
      @RequestParam(defaultValue = "0") String after,
      @RequestParam(required = false) @Nullable String limit) {
    WorkflowKey key = new WorkflowKey(caller.tenant(), new WorkflowId(id));
    long from = number("/after", after, 0, Long.MAX_VALUE);
    int most = limit == null ? DEFAULT_LIMIT : Math.toIntExact(number("/limit", limit, 1, MOST));
    adopt.ensure(key);
    List<HistoryEvent> events = history.read(key, from, tail.settle(), most);
    return new HistoryPage(events, events.isEmpty() ? from : events.getLast().seq());
  }

  @GetMapping("/v1/workflows/{id}/events")
  Mono<ResponseEntity<Flux<ServerSentEvent<Object>>>> events(
      Caller caller,
      @PathVariable String id,
      @RequestHeader(name = "Last-Event-ID", required = false) @Nullable String lastEventId) {
    WorkflowKey key = new WorkflowKey(caller.tenant(), new WorkflowId(id));
    long after = lastEventId == null ? 0 : number("Last-Event-ID", lastEventId, 0, Long.MAX_VALUE);
    return Mono.fromCallable(() -> begin(key, after)).subscribeOn(blocking);
  }

  private ResponseEntity<Flux<ServerSentEvent<Object>>> begin(WorkflowKey key, long after) {
    if (live.isEnding()) {
      throw ProblemException.of(
          ProblemType.UNAVAILABLE, "This replica stops; go on at another one.");
    }
    adopt.ensure(key);
    if (live.isOver(key, after)) {
      return ResponseEntity.noContent().build();
    }
    return ResponseEntity.ok()
        .contentType(MediaType.TEXT_EVENT_STREAM)
        .cacheControl(CacheControl.noStore())
        .header("X-Accel-Buffering", "no")
        .body(live.stream(key, after));
  }

  private static long number(String pointer, String text, long least, long most) {
    try {
      long value = Long.parseLong(text);
      if (value >= least && value <= most) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below.
    }
    throw ProblemException.invalid(pointer, "must be a whole number from " + least);
  }
}
