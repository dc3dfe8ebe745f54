package io.agentmanager.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import org.junit.jupiter.api.Test;
import org.springframework.mock.http.server.reactive.MockServerHttpRequest;

class OriginsTest {
  private static String origin(int proxies, String... forwardedFor) {
    return new Origins(new OriginSettings(proxies))
        .of(
            MockServerHttpRequest.get("/")
                .remoteAddress(new InetSocketAddress("192.0.2.7", 4711))
                .header("X-Forwarded-For", forwardedFor)
                .build());
  }

  @Test
  void withoutProxiesNoHeaderIsBelieved() {
    assertThat(origin(0, "203.0.113.9")).isEqualTo("192.0.2.7");
  }

  @Test
  void eachTrustedProxyAddsOneAddressAtTheRight() {
    assertThat(origin(1, "6.6.6.6, 203.0.113.9")).isEqualTo("203.0.113.9");
    assertThat(origin(2, "6.6.6.6, 203.0.113.9, 10.0.0.1")).isEqualTo("203.0.113.9");
    assertThat(origin(1, "2001:db8::1")).isEqualTo("2001:db8::1");
  }

  @Test
  void aProxyMayAddALineOfItsOwn() {
    assertThat(origin(1, "6.6.6.6", "203.0.113.9")).isEqualTo("203.0.113.9");
  }

  @Test
  void aHeaderWithFewerAddressesThanProxiesLeavesTheConnections() {
    assertThat(origin(1)).isEqualTo("192.0.2.7");
    assertThat(origin(2, "203.0.113.9")).isEqualTo("192.0.2.7");
    assertThat(origin(1, "203.0.113.9, ")).isEqualTo("192.0.2.7");
  }

  @Test
  void namesAreNotLookedUp() {
    assertThat(origin(1, "localhost")).isEqualTo("localhost");
  }

  @Test
  void whatIsNoAddressIsNotedWithoutWhatSteersAndShortened() {
    assertThat(origin(1, "a\u0007b")).isEqualTo("a\uFFFDb");
    assertThat(origin(1, "x".repeat(5000))).hasSize(200);
  }

  @Test
  void lessThanNoProxyIsRefusedAtTheStart() {
    assertThatThrownBy(() -> new OriginSettings(-1)).hasMessageContaining("TRUSTED_PROXIES");
  }
}
