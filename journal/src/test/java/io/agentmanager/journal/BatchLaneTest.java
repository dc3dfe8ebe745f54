package io.agentmanager.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.function.Function;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.dao.QueryTimeoutException;

class BatchLaneTest {
  private static final int LARGE = 100;
  private final List<List<Integer>> batches = new ArrayList<>();
  private BatchLane<Integer, String> lane = lane(numbers -> numbers);

  @AfterEach
  void stop() {
    lane.stop();
  }

  @Test
  void whatGathersWhileOneBatchIsWrittenIsTheNextBatch() throws Exception {
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch gathered = new CountDownLatch(1);
    lane =
        lane(
            numbers -> {
              writing.countDown();
              awaitQuietly(gathered);
              return numbers;
            });
    lane.start();
    List<CompletableFuture<String>> replies = new ArrayList<>(offer(1));
    writing.await();
    replies.addAll(offer(2, 3, LARGE, 4));
    gathered.countDown();
    assertThat(replies.stream().map(CompletableFuture::join))
        .containsExactly("1", "2", "3", "100", "4");
    assertThat(batches).containsExactly(List.of(1), List.of(2, 3), List.of(LARGE), List.of(4));
  }

  @Test
  void aBadRequestFailsAlone() {
    lane =
        lane(
            numbers -> {
              if (numbers.contains(2)) {
                throw new IllegalArgumentException("two");
              }
              return numbers;
            });
    List<CompletableFuture<String>> replies = offer(1, 2, 3);
    lane.start();
    assertThat(replies.getFirst().join()).isEqualTo("1");
    assertThatThrownBy(replies.get(1)::join)
        .isInstanceOf(CompletionException.class)
        .hasMessageContaining("two");
    assertThat(replies.get(2).join()).isEqualTo("3");
  }

  @Test
  void whoMeetsAnotherTransactionTriesOnceMoreAlone() {
    List<Integer> met = new ArrayList<>();
    lane =
        lane(
            numbers -> {
              if (numbers.contains(1) && met.isEmpty()) {
                met.add(1);
                throw new DuplicateKeyException("just now");
              }
              return numbers;
            });
    List<CompletableFuture<String>> replies = offer(1);
    lane.start();
    assertThat(replies.getFirst().join()).isEqualTo("1");
  }

  @Test
  void anyOtherFailureIsAnsweredAtOnce() {
    lane =
        lane(
            numbers -> {
              throw new QueryTimeoutException("slow");
            });
    List<CompletableFuture<String>> replies = offer(1);
    lane.start();
    assertThatThrownBy(replies.getFirst()::join).hasMessageContaining("slow");
    assertThat(batches).hasSize(1);
  }

  @Test
  void whatIsWrittenWhenItStopsIsNotInterruptedAndWhatWaitsIsWritten() throws Exception {
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch stopping = new CountDownLatch(1);
    List<Boolean> interrupted = new ArrayList<>();
    lane =
        lane(
            numbers -> {
              writing.countDown();
              awaitQuietly(stopping);
              interrupted.add(Thread.currentThread().isInterrupted());
              return numbers;
            });
    lane.start();
    List<CompletableFuture<String>> replies = new ArrayList<>(offer(1));
    writing.await();
    replies.addAll(offer(2, 3));
    Thread stop = Thread.ofVirtual().start(lane::stop);
    Awaitility.await().until(() -> stop.getState() == Thread.State.TIMED_WAITING);
    stopping.countDown();
    stop.join();
    assertThat(replies.stream().map(CompletableFuture::join)).containsExactly("1", "2", "3");
    assertThat(interrupted).containsOnly(false);
    assertThat(lane.offer(4)).isEmpty();
  }

  private BatchLane<Integer, String> lane(Function<List<Integer>, List<Integer>> write) {
    return new BatchLane<>(
        "test",
        10,
        10,
        number -> number >= LARGE,
        numbers -> {
          batches.add(numbers);
          return write.apply(numbers).stream().map(String::valueOf).toList();
        });
  }

  private List<CompletableFuture<String>> offer(Integer... numbers) {
    return Stream.of(numbers).map(number -> lane.offer(number).orElseThrow()).toList();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
