package io.agentmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agentmanager.contracts.api.Iteration;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.node.JsonNodeFactory;

@Timeout(20)
class ProgressTest {
  private final List<List<Integer>> posted = new ArrayList<>();
  private final Queue<Integer> answers = new ArrayDeque<>();
  private final AtomicBoolean stopped = new AtomicBoolean();
  private final Progress progress = new Progress(this::post, stopped::get);

  /** Answers as scripted, and 202 when the script is over. */
  private void post(List<Iteration> iterations) throws IOException {
    posted.add(iterations.stream().map(Iteration::index).toList());
    Integer status = answers.poll();
    if (status != null && status == 0) {
      throw new IOException("no answer");
    }
    if (status != null && status >= 400) {
      throw new Refused(status, null, "scripted");
    }
  }

  @Test
  void whatCouldNotBeSentGoesWithTheNext() {
    answers.add(0);
    progress.record(List.of(turn(0)));
    assertThat(progress.unsent()).hasSize(1);
    progress.record(List.of(turn(1)));
    assertThat(posted).containsExactly(List.of(0), List.of(0, 1));
    assertThat(progress.unsent()).isEmpty();
    assertThat(progress.all()).extracting(Iteration::index).containsExactly(0, 1);
  }

  @Test
  void anAnnouncementReturnsOnlyWhenItIsAcknowledged() throws Exception {
    answers.addAll(List.of(503, 0, 202));
    progress.announce(turn(0));
    assertThat(posted).containsExactly(List.of(0), List.of(0), List.of(0));
    assertThat(progress.unsent()).isEmpty();
  }

  @Test
  void anAnnouncementOfAnAttemptThatIsOverIsRefused() {
    answers.add(409);
    assertThatThrownBy(() -> progress.announce(turn(0))).isInstanceOf(Refused.class);
    assertThat(posted).hasSize(1);
  }

  @Test
  void anAnnouncementThatIsNotTakenIsNotActedUpon() {
    answers.addAll(List.of(422, 422));
    assertThatThrownBy(() -> progress.announce(turn(0))).hasMessageContaining("does not take it");
  }

  @Test
  void nobodyWaitsForTheAcknowledgementOfAStoppedAttempt() {
    stopped.set(true);
    assertThatThrownBy(() -> progress.announce(turn(0))).isInstanceOf(InterruptedIOException.class);
    assertThat(posted).isEmpty();
  }

  @Test
  void oneThatIsNotTakenHoldsUpNoOtherAndMustNotCostTheResult() {
    answers.addAll(List.of(422, 422, 202));
    progress.record(List.of(turn(0), turn(1)));
    assertThat(posted).containsExactly(List.of(0, 1), List.of(0), List.of(1));
    assertThat(progress.unsent()).isEmpty();
    assertThat(progress.all()).hasSize(2);
    progress.record(List.of(turn(2)));
    assertThat(posted.getLast()).containsExactly(2);
  }

  @Test
  void manyGoInCallsOfAHundred() {
    progress.record(IntStream.range(0, 250).mapToObj(ProgressTest::turn).toList());
    assertThat(posted).extracting(List::size).containsExactly(100, 100, 50);
  }

  @Test
  void whatWasAnnouncedIsToldWholeByWhatCompletesIt() throws Exception {
    answers.addAll(List.of(202, 0));
    progress.announce(new Iteration(0, "now", null, null, null, null, null));
    progress.record(List.of(turn(0)));
    assertThat(progress.all()).extracting(Iteration::observation).containsExactly("seen");
    assertThat(progress.unsent()).extracting(Iteration::observation).containsExactly("seen");
  }

  @Test
  void whatNoServerTakesIsReplacedBeforeItIsSent() {
    Iteration.Action action =
        new Iteration.Action(
            " ",
            JsonNodeFactory.instance.objectNode().put("a\0", "\uD83D cut, \uD83D\uDE00 whole"));
    progress.record(List.of(new Iteration(0, "th\0ought", action, "s\uDE00n", null, null, null)));
    Iteration kept = progress.all().getFirst();
    assertThat(kept.thought()).isEqualTo("th\uFFFDought");
    assertThat(kept.observation()).isEqualTo("s\uFFFDn");
    assertThat(kept.action())
        .isEqualTo(
            new Iteration.Action(
                "(unnamed)",
                JsonNodeFactory.instance
                    .objectNode()
                    .put("a\uFFFD", "\uFFFD cut, \uD83D\uDE00 whole")));
  }

  private static Iteration turn(int index) {
    return new Iteration(index, "thought", null, "seen", null, null, null);
  }
}
