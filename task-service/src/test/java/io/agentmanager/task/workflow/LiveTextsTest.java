package io.agentmanager.task.workflow;

import static org.assertj.core.api.Assertions.assertThat;

import io.agentmanager.contracts.api.StepSpec;
import io.agentmanager.contracts.api.StreamedText;
import io.agentmanager.contracts.api.TextEvent;
import io.agentmanager.contracts.id.WorkflowKey;
import io.agentmanager.task.Plans;
import io.agentmanager.task.RunningService;
import io.agentmanager.task.workflow.LiveTextStore.Letter;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import reactor.core.Disposable;

/** What models write at one replica, for those who watch at another. */
class LiveTextsTest {
  private static final Duration LONG = Duration.ofSeconds(60);
  private static RunningService service;
  private final JdbcTemplate jdbc = service.bean(JdbcTemplate.class);
  private final LiveTextStore store = service.bean(LiveTextStore.class);

  @BeforeAll
  static void start() {
    service = RunningService.start(2);
  }

  @AfterAll
  static void stop() {
    service.close();
  }

  @Test
  void whatAModelWritesAtOneReplicaIsShownAtAnotherAsLongAsSomebodyWatchesThere() {
    WorkflowKey key = running("apart");
    LiveTexts here = service.bean(0, LiveTexts.class);
    assertThat(here.isWatched(key)).isFalse();
    List<Object> shown = new CopyOnWriteArrayList<>();
    Disposable watching =
        service.bean(1, LiveEvents.class).stream(key, 0)
            .filter(event -> TextEvent.TYPE.equals(event.event()))
            .subscribe(event -> shown.add(event.data()));
    Awaitility.await().until(() -> here.isWatched(key));
    write(0, "apart", 0, "It is a truth");
    Awaitility.await().until(() -> shown.size() == 1);
    write(0, "apart", 0, "It is a truth universally");
    Awaitility.await().until(() -> shown.size() == 2);
    assertThat(shown)
        .extracting(event -> ((TextEvent) event).data())
        .containsExactly(
            new StreamedText(0, "It is a truth"), new StreamedText(0, "It is a truth universally"));
    watching.dispose();
    Awaitility.await().until(() -> !here.isWatched(key));
    write(0, "apart", 0, "It is a truth universally acknowledged");
    assertThat(rows("live_text", "apart")).isZero();
    assertThat(rows("live_watch", "apart")).isZero();
  }

  @Test
  void textThatComesByAnotherReplicaAfterLaterOneIsNotShown() {
    WorkflowKey key = running("overtaken");
    List<Object> shown = new CopyOnWriteArrayList<>();
    Disposable watching =
        service.bean(1, LiveEvents.class).stream(key, 0)
            .filter(event -> TextEvent.TYPE.equals(event.event()))
            .subscribe(event -> shown.add(((TextEvent) event.data()).data().text()));
    Awaitility.await().until(() -> service.bean(0, LiveTexts.class).isWatched(key));
    write(1, "overtaken", 0, "It is a truth universally");
    write(0, "overtaken", 0, "It is a truth");
    write(1, "overtaken", 0, "It is a truth universally acknowledged");
    Awaitility.await().until(() -> rows("live_text", "overtaken") == 0);
    write(0, "overtaken", 1, "that a single man");
    Awaitility.await().until(() -> shown.contains("that a single man"));
    watching.dispose();
    assertThat(shown)
        .containsExactly(
            "It is a truth universally",
            "It is a truth universally acknowledged",
            "that a single man");
  }

  @Test
  void whatCannotBeLeftForOthersCostsTheReportNothing() {
    WorkflowKey key = running("unkept");
    store.announce("other", List.of(key), LONG);
    Awaitility.await().until(() -> service.bean(0, LiveTexts.class).isWatched(key));
    service.asOwner().execute("ALTER TABLE live_text RENAME TO lost");
    try {
      report(
          0,
          "unkept",
          Map.of(
              "streamed", Map.of("index", 2, "text", "It is a truth"),
              "iterations", List.of(Map.of("index", 1, "thought", "kept"))));
    } finally {
      service.asOwner().execute("ALTER TABLE lost RENAME TO live_text");
    }
    assertThat(store.receive("other")).isEmpty();
    assertThat(
            jdbc.queryForObject(
                "SELECT count(*) FROM step_iteration WHERE workflow_id = 'unkept'", Integer.class))
        .isOne();
  }

  @Test
  void textOfATurnThatIsOverMeanwhileIsNotShownAfterIt() {
    WorkflowKey key = running("over");
    store.announce("other", List.of(key), LONG);
    Letter letter = letter(key, 1);
    store.send("mine", letter);
    assertThat(store.receive("other")).containsExactly(letter);
    assertThat(store.receive("other")).as("it was taken").isEmpty();
    store.send("mine", letter);
    report(
        0,
        "over",
        Map.of("iterations", List.of(Map.of("index", 1, "thought", "It is a truth universally"))));
    assertThat(store.receive("other")).isEmpty();
    assertThat(rows("live_text", "over")).isZero();
  }

  @Test
  void aReplicaThatDiedIsSentNothingAndLeavesNothingBehind() {
    WorkflowKey key = running("dead");
    store.announce("dead", List.of(key), LONG);
    store.send("mine", letter(key, 0));
    assertThat(rows("live_text", "dead")).isOne();
    assertThat(store.watchedElsewhere("mine")).contains(key);
    store.announce("dead", List.of(key), Duration.ofSeconds(-1));
    assertThat(store.watchedElsewhere("mine")).doesNotContain(key);
    store.forgetLeft();
    assertThat(rows("live_text", "dead")).isZero();
    assertThat(rows("live_watch", "dead")).isZero();
    store.send("mine", letter(key, 0));
    assertThat(rows("live_text", "dead")).isZero();
  }

  /** A workflow whose only step the worker {@code writer} runs. */
  private static WorkflowKey running(String id) {
    WorkflowKey key =
        Plans.admit(service, id, List.of(StepSpec.of("only", "do it", id, List.of())));
    var claimed =
        service.call(
            0,
            "GET",
            "/v1/tasks/ready?agent_id=writer&client_capabilities=" + id + "&wait=10",
            null);
    assertThat(claimed.status()).isEqualTo(200);
    return key;
  }

  private static Letter letter(WorkflowKey key, int iteration) {
    StreamedText text = new StreamedText(iteration, "It is a truth");
    return new Letter(key, TextEvent.of(Instant.EPOCH, "only", 1, text));
  }

  private static void write(int replica, String id, int iteration, String text) {
    report(replica, id, Map.of("streamed", Map.of("index", iteration, "text", text)));
  }

  private static void report(int replica, String id, Map<String, Object> report) {
    Map<String, Object> body = new HashMap<>(report);
    body.putAll(Map.of("client_id", "writer", "attempt", 1));
    var answer =
        service.call(replica, "POST", "/v1/workflows/" + id + "/steps/only/iterations", body);
    assertThat(answer.status()).as(answer.body().toString()).isEqualTo(202);
  }

  private int rows(String table, String id) {
    return jdbc.queryForObject(
        "SELECT count(*) FROM " + table + " WHERE workflow_id = ?", Integer.class, id);
  }
}
