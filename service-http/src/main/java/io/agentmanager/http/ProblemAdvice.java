package io.agentmanager.http;

import org.springframework.boot.webflux.error.ErrorWebExceptionHandler;
import org.springframework.core.Ordered;
import org.springframework.web.server.MethodNotAllowedException;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/** The one place where a failure becomes an answer, for controllers, filters and routes alike. */
public final class ProblemAdvice implements ErrorWebExceptionHandler, Ordered {
  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE;
  }

  @Override
  public Mono<Void> handle(ServerWebExchange exchange, Throwable failure) {
    if (exchange.getResponse().isCommitted()) {
      return Mono.error(failure);
    }
    if (failure instanceof ProblemException problem) {
      problem.retryAfter().ifPresent(pause -> ProblemResponses.retryAfter(exchange, pause));
    }
    if (failure instanceof MethodNotAllowedException e) {
      exchange.getResponse().getHeaders().setAllow(e.getSupportedMethods());
    }
    return ProblemResponses.write(
        FailureProblems.of(failure, RequestIdFilter.of(exchange)), exchange);
  }
}
