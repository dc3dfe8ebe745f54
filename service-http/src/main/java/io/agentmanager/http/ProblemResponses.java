package io.agentmanager.http;

import io.agentmanager.contracts.api.Problem;
import io.agentmanager.contracts.json.WireJson;
import java.time.Duration;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** Writes problems, each with the path it happened at. */
public final class ProblemResponses {
  private static final String RETRY_AFTER_SEC = "1";

  private ProblemResponses() {}

  /** The problem as a controller's answer. */
  public static ResponseEntity<byte[]> entity(Problem problem, ServerWebExchange exchange) {
    return ResponseEntity.status(HttpStatusCode.valueOf(problem.status()))
        .headers(headers -> describe(headers, problem))
        .body(json(problem, exchange));
  }

  /** The problem as the whole response, from a filter. */
  public static Mono<Void> write(Problem problem, ServerWebExchange exchange) {
    ServerHttpResponse response = exchange.getResponse();
    if (response.isCommitted()) {
      return Mono.empty();
    }
    response.setStatusCode(HttpStatusCode.valueOf(problem.status()));
    describe(response.getHeaders(), problem);
    byte[] json = json(problem, exchange);
    response.getHeaders().setContentLength(json.length);
    DataBuffer buffer = response.bufferFactory().wrap(json);
    return response.writeWith(Mono.just(buffer));
  }

  /** Says when the call may be tried again: in whole seconds, and in one at least. */
  public static void retryAfter(ServerWebExchange exchange, Duration pause) {
    long seconds = Math.max(1, pause.plusMillis(999).toSeconds());
    exchange.getResponse().getHeaders().set(HttpHeaders.RETRY_AFTER, Long.toString(seconds));
  }

  private static void describe(HttpHeaders headers, Problem problem) {
    headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    headers.setCacheControl("no-store");
    if (!headers.containsHeader(HttpHeaders.RETRY_AFTER)
        && (problem.status() == HttpStatus.SERVICE_UNAVAILABLE.value()
            || problem.status() == HttpStatus.TOO_MANY_REQUESTS.value())) {
      headers.set(HttpHeaders.RETRY_AFTER, RETRY_AFTER_SEC);
    }
    if (problem.status() == HttpStatus.UNAUTHORIZED.value()) {
      headers.set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
  }

  private static byte[] json(Problem problem, ServerWebExchange exchange) {
    Problem there =
        new Problem(
            problem.type(),
            problem.title(),
            problem.status(),
            problem.detail(),
            exchange.getRequest().getPath().value(),
            problem.errors());
    return WireJson.mapper().writeValueAsBytes(there);
  }
}
