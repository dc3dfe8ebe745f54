package io.agentmanager.gateway.session;

import io.agentmanager.gateway.identity.Printable;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Objects;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;

/**
 * What a call shows of the device behind it.
 *
 * @param fingerprint the same for calls of one device: a hash of what it says of itself
 * @param label what a person recognises it by
 */
record Device(String fingerprint, String label) {
  /** By {@code User-Agent}. That is copied easily: it stops a token that strayed, not a thief. */
  static Device of(ServerHttpRequest request) {
    String agent =
        Objects.requireNonNullElse(request.getHeaders().getFirst(HttpHeaders.USER_AGENT), "");
    return new Device(hash(agent), Printable.of(agent));
  }

  static String hash(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
