package io.agentmanager.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.agentmanager.gateway.RunningGateway;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Limits that hold over two replicas of the gateway. */
class RateLimitTest {
  private static final int RATE = 5;
  private static final int BURST = 20;
  private static RunningGateway gateway;
  private static String limited;
  private static String other;

  @BeforeAll
  static void start() throws Exception {
    gateway =
        RunningGateway.start(
            2,
            "agentmanager.limits.tenants.noisy.requests-per-second=" + RATE,
            "agentmanager.limits.tenants.noisy.burst=" + BURST,
            "agentmanager.limits.tenants.slow.requests-per-second=1",
            "agentmanager.limits.tenants.slow.burst=1");
    limited = gateway.token("noisy", "\"tenant\":\"noisy\",\"roles\":[\"submitter\"]");
    other = gateway.token("quiet", "\"tenant\":\"quiet\",\"roles\":[\"submitter\"]");
  }

  @AfterAll
  static void stop() throws Exception {
    gateway.close();
  }

  private static RunningGateway.Answer get(int replica, String token) {
    return gateway.call(replica, token, "GET", "/v1/workflows", null);
  }

  @Test
  void callsBeyondTheBurstAreRefusedWhicheverReplicaTheyReach() throws Exception {
    List<RunningGateway.Answer> answers = new ArrayList<>();
    long began = System.nanoTime();
    try (ExecutorService callers = Executors.newFixedThreadPool(16)) {
      List<Future<RunningGateway.Answer>> calls = new ArrayList<>();
      for (int i = 0; i < 200; i++) {
        int replica = i % 2;
        calls.add(callers.submit(() -> get(replica, limited)));
      }
      for (Future<RunningGateway.Answer> call : calls) {
        answers.add(call.get());
      }
    }
    double seconds = (System.nanoTime() - began) / 1e9;
    // Without that header the bucket was not asked: a database that is slow keeps nobody out.
    Map<Boolean, Long> let =
        answers.stream()
            .filter(a -> a.status() == 200)
            .collect(
                Collectors.partitioningBy(
                    a -> a.headers().firstValue("RateLimit").isPresent(), Collectors.counting()));
    assertThat(let.get(false)).as("let through unasked").isLessThan(BURST);
    long passed = let.get(true);
    assertThat(passed).isBetween((long) BURST, (long) Math.ceil(BURST + RATE * seconds));
    assertThat(answers.stream().filter(a -> a.status() != 200))
        .hasSizeGreaterThan(BURST)
        .allSatisfy(
            refused -> {
              assertThat(refused.status()).isEqualTo(429);
              assertThat(refused.text("type"))
                  .isEqualTo("urn:agentmanager:problem:too-many-requests");
              assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
              assertThat(refused.headers().firstValue("RateLimit-Policy"))
                  .hasValue("\"tenant\";q=20;w=4");
              assertThat(refused.headers().firstValue("RateLimit").orElseThrow())
                  .startsWith("\"tenant\";r=0;t=");
            });
    assertThat(get(0, other).status()).as("another tenant").isEqualTo(200);
    assertThat(get(0, other).headers().firstValue("RateLimit")).isEmpty();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(() -> assertThat(get(1, limited).status()).isEqualTo(200));
  }

  @Test
  void callsThatAreNotAllowedCountAsWell() {
    String slow = gateway.token("slow", "\"tenant\":\"slow\",\"roles\":[\"submitter\"]");
    assertThat(gateway.call(0, slow, "GET", "/v1/tokens", null).status()).isEqualTo(403);
    // One more is allowed each second: of many at once few are.
    assertThat(
            IntStream.range(0, 20)
                .parallel()
                .map(i -> gateway.call(1, slow, "GET", "/v1/tokens", null).status()))
        .contains(429);
  }
}
