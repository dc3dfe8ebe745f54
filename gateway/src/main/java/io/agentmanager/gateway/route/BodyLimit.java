package io.agentmanager.gateway.route;

import io.agentmanager.contracts.api.ProblemType;
import io.agentmanager.http.ProblemException;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.core.Ordered;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import org.springframework.stereotype.Component;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Refuses bodies over 8 MiB with 413. Of one that says its size, a bounded part is read and thrown
 * away first: clients that are still sending would otherwise see a reset instead of the answer.
 */
@Component
final class BodyLimit implements GlobalFilter, Ordered {
  private static final long LIMIT = 8L * 1024 * 1024;
  private static final long DRAINED = 64L * 1024 * 1024;

  @Override
  public int getOrder() {
    return Ordered.HIGHEST_PRECEDENCE + 1;
  }

  @Override
  public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
    long announced = exchange.getRequest().getHeaders().getContentLength();
    if (announced > LIMIT) {
      return drain(exchange.getRequest()).then(Mono.error(BodyLimit::tooLarge));
    }
    return announced >= 0
        ? chain.filter(exchange)
        : chain.filter(exchange.mutate().request(counted(exchange.getRequest())).build());
  }

  private static Mono<Void> drain(ServerHttpRequest request) {
    AtomicLong drained = new AtomicLong();
    return request
        .getBody()
        .takeUntil(part -> drained.addAndGet(part.readableByteCount()) > DRAINED)
        .doOnNext(DataBufferUtils::release)
        .then();
  }

  private static ServerHttpRequest counted(ServerHttpRequest request) {
    AtomicLong seen = new AtomicLong();
    return new ServerHttpRequestDecorator(request) {
      @Override
      public Flux<DataBuffer> getBody() {
        return super.getBody()
            .handle(
                (part, sink) -> {
                  if (seen.addAndGet(part.readableByteCount()) > LIMIT) {
                    DataBufferUtils.release(part);
                    sink.error(tooLarge());
                  } else {
                    sink.next(part);
                  }
                });
      }
    };
  }

  private static ProblemException tooLarge() {
    return ProblemException.of(ProblemType.TOO_LARGE, "A body may have at most 8 MiB.");
  }
}
