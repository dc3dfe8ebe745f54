package io.agentmanager.task.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.HistoryEvent;
import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StreamedText;
import io.agentmanager.contracts.api.TextEvent;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.journal.JournalStore;
import io.agentmanager.task.Plans;
import io.agentmanager.task.RunningService;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.http.codec.ServerSentEvent;
import org.springframework.jdbc.core.JdbcTemplate;
import reactor.test.StepVerifier;

/** Live streams on a real database. */
class LiveEventsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static RunningService service;
  private final LiveEvents streams = service.bean(LiveEvents.class);
  private final JdbcTemplate jdbc = service.bean(JdbcTemplate.class);

  @BeforeAll
  static void start() {
    service = RunningService.start(1);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void aStreamSoonShowsWhatNobodyWokeItFor() {
    WorkflowKey key = Plans.admit(service, "unheard", List.of(step()));
    StepVerifier.create(streams.stream(key, 0).mapNotNull(ServerSentEvent::event))
        .recordWith(ArrayList::new)
        .thenConsumeWhile(event -> !event.equals("step.ready"))
        .expectNextMatches(event -> event.equals("step.ready"))
        .then(() -> append(key, "workflow.unheard"))
        .expectNextMatches(event -> event.equals("workflow.unheard"))
        .thenCancel()
        .verify(PATIENCE);
  }

  @Test
  void aStreamEndsWhenTheServiceStopsAndItsReaderGoesOnWhereItWas() {
    WorkflowKey key = Plans.admit(service, "interrupted", List.of(step()));
    StepVerifier.create(streams.stream(key, 0).mapNotNull(ServerSentEvent::event))
        .thenConsumeWhile(event -> !event.equals("step.ready"))
        .expectNextMatches(event -> event.equals("step.ready"))
        .then(streams::stop)
        .expectComplete()
        .verify(PATIENCE);
    long seen = last(service.bean(HistoryQueries.class), key);
    streams.start();
    append(key, "workflow.later");
    StepVerifier.create(streams.stream(key, seen).mapNotNull(ServerSentEvent::event))
        .expectNextMatches(event -> event.equals("workflow.later"))
        .thenCancel()
        .verify(PATIENCE);
  }

  @Test
  void whatAModelWritesIsShownWithoutANumberToWhoeverWatches() {
    WorkflowKey key = Plans.admit(service, "written", List.of(step()));
    TextEvent text = TextEvent.of(Instant.EPOCH, "only", 1, new StreamedText(0, "It is a truth"));
    assertThat(streams.isWatched(key)).isFalse();
    StepVerifier.create(streams.stream(key, 0).filter(event -> event.event() != null))
        .recordWith(ArrayList::new)
        .thenConsumeWhile(event -> !"step.ready".equals(event.event()))
        .expectNextMatches(event -> "step.ready".equals(event.event()))
        .then(() -> assertThat(streams.isWatched(key)).isTrue())
        .then(() -> streams.show(key, text))
        .expectNextMatches(event -> text.equals(event.data()) && event.id() == null)
        .thenCancel()
        .verify(PATIENCE);
  }

  @Test
  void theNewestNumbersOfAllWatchedWorkflowsAreOneQuery() {
    WorkflowKey one = Plans.admit(service, "one", List.of(step()));
    WorkflowKey two = Plans.admit(service, "two", List.of(step()));
    WorkflowKey unknown = WorkflowKey.of("default", "unknown");
    HistoryQueries history = service.bean(HistoryQueries.class);
    JournalStore journal = service.bean(JournalStore.class);
    var newest = journal.newest(List.of(one, two, unknown));
    assertThat(newest).containsOnlyKeys(one, two);
    assertThat(newest.get(two)).isEqualTo(last(history, two));
    append(one, "workflow.more");
    assertThat(journal.newest(List.of(one)).get(one)).isGreaterThan(newest.get(two));
  }

  private static long last(HistoryQueries history, WorkflowKey key) {
    List<HistoryEvent> events = history.read(key, 0, Long.MAX_VALUE, 100);
    return Objects.requireNonNull(events.getLast()).seq();
  }

  /** As another replica would, whose events are lost. */
  private void append(WorkflowKey key, String type) {
    jdbc.update(
        "INSERT INTO journal (tenant_id, workflow_id, type, at, data)"
            + " VALUES (?, ?, ?, now(), '{}')",
        key.tenant().value(),
        key.workflow().value(),
        type);
  }

  private static StepSpec step() {
    return StepSpec.of("only", "do it", "nobody-does", List.of());
  }
}
